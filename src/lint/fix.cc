#include "lint/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sql/splice.h"

namespace segue::lint {
namespace {

constexpr int most_rounds = 12;

std::size_t broken_statements(const std::string& text) {
  const sql::Source source(text);
  return static_cast<std::size_t>(std::count_if(source.statements().begin(), source.statements().end(),
                                                [](const sql::Statement& each) { return each.error.has_value(); }));
}

// The edit that tells the tool to open no transaction for this file; nothing where the layout has no such mark.
std::optional<sql::Edit> no_transaction_mark(const File& file) {
  const sql::Script& script = file.source.script();
  for (const sql::Range& comment : script.comments) {
    const std::string text = script.text.substr(comment.begin, comment.end - comment.begin);
    if (file.layout.layout == Layout::dbmate && text.find("migrate:up") != std::string::npos) {
      return sql::Edit{{comment.end, comment.end}, " transaction:false"};
    }
    if (file.layout.layout == Layout::goose && text.find("+goose Up") != std::string::npos) {
      return sql::Edit{{comment.begin, comment.begin}, "-- +goose NO TRANSACTION\n"};
    }
  }
  return std::nullopt;
}

bool takes_siblings(Layout layout) {
  return layout == Layout::flyway || layout == Layout::golang_migrate || layout == Layout::supabase;
}

class Fixer {
 public:
  Fixer(const Options& options, std::vector<Input> inputs) : options_(options), inputs_(std::move(inputs)) {
    for (const Input& input : inputs_) before_[input.path] = input.text;
  }

  std::vector<FixedFile> run() {
    for (int round = 0; round < most_rounds && one_round(); ++round) {
    }
    std::vector<FixedFile> changed;
    for (const Input& input : inputs_) {
      const auto known = before_.find(input.path);
      if (known != before_.end() && known->second == input.text) continue;
      changed.push_back(
          {input.path, known == before_.end() ? std::string() : known->second, input.text, known == before_.end()});
    }
    for (const std::string& path : configurations_) changed.push_back({path, {}, "executeInTransaction=false\n", true});
    return changed;
  }

 private:
  // Whether anything changed.
  bool one_round() {
    const Report report = lint::run(options_, std::vector<Input>(inputs_));
    bool changed = false;
    std::vector<Input> next;
    for (std::size_t number = 0; number < report.files.size(); ++number) {
      const File& file = report.files[number];
      std::vector<Input> siblings;
      next.push_back({file.path, mended(report, number, siblings)});
      changed = changed || next.back().text != file.source.text();
      for (Input& sibling : siblings) next.push_back(std::move(sibling));
    }
    inputs_ = std::move(next);
    return changed;
  }

  std::string mended(const Report& report, std::size_t number, std::vector<Input>& siblings) {
    const File& file = report.files[number];
    std::vector<sql::Edit> edits;
    std::set<std::size_t> touched;  // statements, by where they begin: one change each a round
    bool marked = false;
    for (const Finding& finding : report.findings) {
      if (finding.file != number || !finding.fix || finding.in_code || touched.contains(finding.statement.begin))
        continue;
      if (refused_.contains(
              {file.path, finding.code + file.source.text().substr(finding.statement.begin,
                                                                   finding.statement.end - finding.statement.begin)}))
        continue;
      std::vector<sql::Edit> wanted = finding.fix->edits;
      std::vector<std::string> moved;
      if (finding.fix->needs_no_transaction && finding.in_transaction) {
        const auto mark = no_transaction_mark(file);
        if (mark) {
          if (!marked) wanted.push_back(*mark);
        } else if (takes_siblings(file.layout.layout) && !finding.fix->afterwards.empty()) {
          wanted = {{finding.statement, {}}};
          moved = finding.fix->afterwards;
        } else {
          continue;
        }
      }
      std::vector<sql::Edit> tried = edits;
      tried.insert(tried.end(), wanted.begin(), wanted.end());
      const auto text = sql::splice(file.source.text(), tried);
      if (!text || broken_statements(*text) > broken_statements(file.source.text()) ||
          !place_siblings(file, moved, siblings)) {
        refused_.insert(
            {file.path, finding.code + file.source.text().substr(finding.statement.begin,
                                                                 finding.statement.end - finding.statement.begin)});
        continue;
      }
      marked = marked || (finding.fix->needs_no_transaction && finding.in_transaction);
      edits = std::move(tried);
      touched.insert(finding.statement.begin);
    }
    return sql::splice(file.source.text(), edits).value_or(file.source.text());
  }

  bool place_siblings(const File& file, const std::vector<std::string>& statements, std::vector<Input>& siblings) {
    std::vector<Input> made;
    for (const std::string& statement : statements) {
      const std::string path = sibling_path(file.path, file.layout, ++siblings_of_[file.path]);
      if (path.empty()) return false;
      made.push_back({path, statement + ";\n"});
      if (file.layout.layout == Layout::flyway) configurations_.push_back(path + ".conf");
    }
    siblings.insert(siblings.end(), made.begin(), made.end());
    return true;
  }

  const Options& options_;
  std::vector<Input> inputs_;
  std::map<std::string, std::string> before_;
  std::map<std::string, int> siblings_of_;
  std::set<std::pair<std::string, std::string>> refused_;
  std::vector<std::string> configurations_;
};

std::vector<std::string_view> lines_of(const std::string& text) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(std::string_view(text).substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

}  // namespace

std::vector<FixedFile> fix(const Options& options, std::vector<Input> inputs) {
  return Fixer(options, std::move(inputs)).run();
}

// Changes are few, so the lines between the first and the last difference are shown as one hunk unless long stretches
// of equal lines part them.
std::string unified_diff(const FixedFile& file) {
  const auto old_lines = lines_of(file.before);
  const auto new_lines = lines_of(file.after);
  std::string out = fmt::format("--- {}\n+++ {}\n", file.is_new ? "/dev/null" : file.path, file.path);
  constexpr std::size_t around = 3;
  constexpr std::size_t look_ahead = 200;
  std::size_t o = 0;
  std::size_t n = 0;
  while (o < old_lines.size() || n < new_lines.size()) {
    if (o < old_lines.size() && n < new_lines.size() && old_lines[o] == new_lines[n]) {
      ++o;
      ++n;
      continue;
    }
    // The nearest pair of equal lines ahead ends the change.
    std::size_t skip_old = old_lines.size() - o;
    std::size_t skip_new = new_lines.size() - n;
    for (std::size_t total = 1; total <= look_ahead; ++total) {
      bool found = false;
      for (std::size_t a = 0; a <= total && !found; ++a) {
        const std::size_t b = total - a;
        if (o + a < old_lines.size() && n + b < new_lines.size() && old_lines[o + a] == new_lines[n + b] &&
            !old_lines[o + a].empty()) {
          skip_old = a;
          skip_new = b;
          found = true;
        }
      }
      if (found) break;
    }
    const std::size_t lead = std::min(o, around);
    const std::size_t tail = std::min(around, old_lines.size() - o - skip_old);
    out += fmt::format("@@ -{},{} +{},{} @@\n", o - lead + 1, lead + skip_old + tail, n - lead + 1,
                       lead + skip_new + tail);
    for (std::size_t i = o - lead; i < o; ++i) out += fmt::format(" {}\n", old_lines[i]);
    for (std::size_t i = 0; i < skip_old; ++i) out += fmt::format("-{}\n", old_lines[o + i]);
    for (std::size_t i = 0; i < skip_new; ++i) out += fmt::format("+{}\n", new_lines[n + i]);
    for (std::size_t i = 0; i < tail; ++i) out += fmt::format(" {}\n", old_lines[o + skip_old + i]);
    o += skip_old;
    n += skip_new;
  }
  return out;
}

}  // namespace segue::lint
