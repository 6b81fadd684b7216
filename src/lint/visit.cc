#include "lint/visit.h"

#include <algorithm>

#include "lint/rule.h"

namespace segue::lint {

Finding& Findings::add(const Rule& rule, std::size_t file, sql::Range range, std::string message) {
  const auto chosen = settings_.rules.find(rule.code);
  const Severity severity = chosen == settings_.rules.end() ? rule.severity : chosen->second;
  if (severity == Severity::off) {
    dropped_ = Finding{};
    return dropped_;
  }
  Finding& made = list_.emplace_back();
  made.file = file;
  made.range = range;
  made.code = rule.code;
  made.severity = severity;
  made.message = std::move(message);
  made.refs.assign(rule.refs.begin(), rule.refs.end());
  return made;
}

bool Visit::is_live(const QualifiedName& name) const {
  const Table* found = schema.find(name);
  return found == nullptr || found->made_in == from_before;
}

const Table* Visit::table(sql::Node relation) const {
  if (!relation || relation != known_relation_) {
    known_relation_ = relation;
    known_table_ = schema.find(sql::name_of_relation(relation));
  }
  return known_table_;
}

bool Visit::is_live(sql::Node relation) const {
  const Table* found = table(relation);
  return found == nullptr || found->made_in == from_before;
}

Finding& Visit::report(sql::Range range, std::string message) {
  Finding& made = run.report(file_number, range, std::move(message));
  const sql::Touched* target = facts.objects.empty() ? nullptr : &facts.objects.front();
  for (const sql::Touched& object : facts.objects) {
    if (object.role == sql::Role::alters || object.role == sql::Role::drops || object.role == sql::Role::writes) {
      target = &object;
      break;
    }
  }
  // The lock that is told is the strongest: the object is the one that it is on.
  const auto is_locked = [&](const sql::Touched& object) {
    return object.role != sql::Role::creates && object.lock == facts.lock;
  };
  if (facts.lock >= sql::Lock::share && target != nullptr && !is_locked(*target)) {
    const auto locked = std::find_if(facts.objects.begin(), facts.objects.end(), is_locked);
    if (locked != facts.objects.end()) target = &*locked;
  }
  if (target != nullptr) made.object = Schema::key(target->name);
  made.lock = facts.lock;
  made.blocks = facts.blocks;
  made.rewrites = facts.rewrites;
  made.scans = facts.scans;
  made.statement = {statement.piece.begin, statement.piece.close};
  made.in_transaction = in_transaction;
  made.in_code = in_code;
  return made;
}

Finding& Visit::report(const sql::Action& action, std::string message) {
  Finding& made = report(command_range(action), std::move(message));
  made.lock = action.lock;
  made.blocks = blocks_of(action.lock);
  made.rewrites = action.rewrites;
  made.scans = action.scans;
  return made;
}

const std::vector<sql::Range>& Visit::commands() const {
  if (commands_) return *commands_;
  commands_.emplace();
  const auto& tokens = written().tokens();
  const std::size_t base = statement.piece.begin;
  const std::size_t relation = tree["relation"].location();
  // The first command begins behind the table's name and an asterisk.
  std::size_t index = 0;
  while (index < tokens.size() && tokens[index].begin + base < relation) ++index;
  while (index + 1 < tokens.size() && sql::is_sign(statement.text, tokens[index + 1], '.')) index += 2;
  ++index;
  if (index < tokens.size() && written().text_of(tokens[index]) == "*") ++index;
  int parens = 0;
  std::size_t begin = index;
  for (; index <= tokens.size(); ++index) {
    const bool end = index == tokens.size();
    if (!end && sql::is_sign(statement.text, tokens[index], '(')) ++parens;
    if (!end && sql::is_sign(statement.text, tokens[index], ')')) --parens;
    if (!end && !(parens == 0 && sql::is_sign(statement.text, tokens[index], ','))) continue;
    if (index > begin && begin < tokens.size()) {
      commands_->push_back({tokens[begin].begin + base, tokens[index - 1].end + base});
    }
    begin = index + 1;
  }
  return *commands_;
}

sql::Range Visit::command_range(const sql::Action& action) const {
  for (std::size_t index = 0; index < facts.actions.size(); ++index) {
    if (facts.actions[index].command != action.command) continue;
    if (index < commands().size() && commands().size() == facts.actions.size()) return commands()[index];
  }
  return statement_range();
}

std::string Visit::text_of(sql::Range range) const {
  return file.source.text().substr(range.begin, range.end - range.begin);
}

sql::Range Visit::name_range(std::size_t byte) const {
  // Read from there: all of the statement's tokens are not needed for it.
  const std::string_view text = statement.text;
  const std::size_t base = statement.piece.begin;
  const auto is_name = [](const sql::Token& token) {
    return token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_name ||
           token.kind == sql::TokenKind::variable;
  };
  std::size_t end = byte + 1;
  if (byte < base || byte - base >= text.size()) return {byte, end};
  sql::Lexer lexer(text, byte - base);
  for (sql::Token token = lexer.next(); is_name(token); token = lexer.next()) {
    end = token.end + base;
    if (!sql::is_sign(text, lexer.next(), '.')) break;
  }
  return {byte, end};
}

const sql::Written& Visit::written() const {
  if (!written_) written_.emplace(statement);
  return *written_;
}

void Visit::remember(std::string_view topic, Remembered what) {
  what.file = file_number;
  if (what.range == sql::Range{}) what.range = statement_range();
  auto known = run.memory.find(topic);
  if (known == run.memory.end()) known = run.memory.emplace(topic, std::vector<Remembered>()).first;
  known->second.push_back(std::move(what));
}

const std::vector<Remembered>& Visit::remembered(std::string_view topic) const {
  static const std::vector<Remembered> none;
  const auto found = run.memory.find(topic);
  return found == run.memory.end() ? none : found->second;
}

std::string shown(const QualifiedName& name) {
  return "`" + Schema::key(name) + "`";
}

std::string shown(std::string_view name) {
  return "`" + std::string(name) + "`";
}

}  // namespace segue::lint
