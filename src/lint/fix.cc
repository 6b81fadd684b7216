#include "lint/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lint/leave_transaction.h"
#include "sql/splice.h"

namespace segue::lint {
bool can_be_mended(const File& file, const Finding& finding) {
  if (!finding.fix || finding.in_code || finding.fix->edits.empty()) return false;
  if (!finding.fix->needs_no_transaction || !finding.in_transaction) return true;
  return no_transaction_mark(file, finding) || takes_sibling(file, finding);
}

namespace {

constexpr int most_rounds = 12;

// What is put into a file with Windows line ends has them too.
void use_line_ends_of(const std::string& text, std::vector<sql::Edit>& edits) {
  const std::size_t feed = text.find('\n');
  if (feed == std::string::npos || feed == 0 || text[feed - 1] != '\r') return;
  for (sql::Edit& edit : edits) {
    for (std::size_t at = edit.text.find('\n'); at != std::string::npos; at = edit.text.find('\n', at + 2)) {
      if (at > 0 && edit.text[at - 1] == '\r') {
        --at;
        continue;
      }
      edit.text.insert(at, 1, '\r');
    }
  }
}

std::size_t broken_statements(const std::string& text) {
  const sql::Source source(text);
  return static_cast<std::size_t>(std::count_if(source.statements().begin(), source.statements().end(),
                                                [](const sql::Statement& each) { return each.error.has_value(); }));
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
      std::string text = mended(report, number, siblings, false);
      if (text == file.source.text() && siblings.empty()) text = mended(report, number, siblings, true);
      next.push_back({file.path, std::move(text)});
      changed = changed || next.back().text != file.source.text();
      for (Input& sibling : siblings) next.push_back(std::move(sibling));
    }
    inputs_ = std::move(next);
    return changed;
  }

  // What one finding asks for.
  struct Change {
    std::vector<sql::Edit> edits;
    std::vector<std::string> moved;      // statements for files of their own
    std::optional<std::size_t> mark_at;  // where the edits open the way outside a transaction
  };

  Change change_of(const File& file, const Finding& finding, const std::set<std::size_t>& marks) const {
    Change change{finding.fix->edits, {}, std::nullopt};
    if (finding.fix->needs_no_transaction && finding.in_transaction) {
      const auto mark = no_transaction_mark(file, finding);
      if (mark) {
        change.mark_at = mark->range.begin;
        if (!marks.contains(mark->range.begin)) change.edits.push_back(*mark);
      } else {
        change.edits = {removal_of(file, finding)};
        change.moved = finding.fix->afterwards;
      }
    }
    use_line_ends_of(file.source.text(), change.edits);
    return change;
  }

  static std::string text_of(const File& file, const Finding& finding) {
    return finding.code +
           file.source.text().substr(finding.statement.begin, finding.statement.end - finding.statement.begin);
  }

  // The findings of a file whose turn it is, one a statement: what changes twice waits for the next round. `settled`:
  // nothing else of the file changes any more, so the last changes may be made.
  std::vector<const Finding*> due(const Report& report, std::size_t number, bool settled) const {
    const File& file = report.files[number];
    std::vector<const Finding*> found;
    std::set<std::size_t> touched;
    for (const Finding& finding : report.findings) {
      if (finding.file != number || !finding.fix || finding.fix->when_settled != settled) continue;
      if (touched.contains(finding.statement.begin) || refused_.contains({file.path, text_of(file, finding)})) continue;
      touched.insert(finding.statement.begin);
      found.push_back(&finding);
    }
    return found;
  }

  std::string mended(const Report& report, std::size_t number, std::vector<Input>& siblings, bool settled) {
    const File& file = report.files[number];
    const auto findings = due(report, number, settled);
    if (findings.empty()) return file.source.text();
    const std::size_t broken = broken_statements(file.source.text());
    if (auto text = all_at_once(file, findings, broken)) return *text;
    return one_by_one(file, findings, broken, siblings);
  }

  // Nothing where a change needs a file of its own, or breaks something: then each is tried by itself.
  std::optional<std::string> all_at_once(const File& file, const std::vector<const Finding*>& findings,
                                         std::size_t broken) const {
    std::vector<sql::Edit> edits;
    std::set<std::size_t> marks;
    for (const Finding* finding : findings) {
      Change change = change_of(file, *finding, marks);
      if (!change.moved.empty()) return std::nullopt;
      if (change.mark_at) marks.insert(*change.mark_at);
      edits.insert(edits.end(), change.edits.begin(), change.edits.end());
    }
    const auto text = sql::splice(file.source.text(), std::move(edits));
    return text && broken_statements(*text) <= broken ? std::optional<std::string>(*text) : std::nullopt;
  }

  std::string one_by_one(const File& file, const std::vector<const Finding*>& findings, std::size_t broken,
                         std::vector<Input>& siblings) {
    std::vector<sql::Edit> edits;
    std::set<std::size_t> marks;
    for (const Finding* finding : findings) {
      Change change = change_of(file, *finding, marks);
      std::vector<sql::Edit> tried = edits;
      tried.insert(tried.end(), change.edits.begin(), change.edits.end());
      const auto text = sql::splice(file.source.text(), tried);
      if (!text || broken_statements(*text) > broken || !place_siblings(file, change.moved, siblings)) {
        refused_.insert({file.path, text_of(file, *finding)});
        continue;
      }
      if (change.mark_at) marks.insert(*change.mark_at);
      edits = std::move(tried);
    }
    return sql::splice(file.source.text(), edits).value_or(file.source.text());
  }

  bool place_siblings(const File& file, const std::vector<std::string>& statements, std::vector<Input>& siblings) {
    std::vector<Input> made;
    for (const std::string& statement : statements) {
      const std::string path = sibling_path(file.path, file.layout, ++siblings_of_[file.path]);
      if (path.empty()) return false;
      made.push_back({path, text_of_sibling(file.layout.layout, statement)});
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

namespace {

struct Line {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
};

// Old and new lines in one list. Changes are few and small: the nearest pair of equal lines ahead ends each.
std::vector<Line> compared(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) {
  constexpr std::size_t look_ahead = 200;
  std::vector<Line> lines;
  std::size_t o = 0;
  std::size_t n = 0;
  while (o < before.size() || n < after.size()) {
    if (o < before.size() && n < after.size() && before[o] == after[n]) {
      lines.push_back({' ', before[o++]});
      ++n;
      continue;
    }
    std::size_t skip_old = before.size() - o;
    std::size_t skip_new = after.size() - n;
    bool found = false;
    for (std::size_t total = 1; total <= look_ahead && !found; ++total) {
      for (std::size_t skipped = 0; skipped <= total && !found; ++skipped) {
        const std::size_t a = o + skipped;
        const std::size_t b = n + total - skipped;
        if (a >= before.size() || b >= after.size() || before[a] != after[b] || before[a].empty()) continue;
        skip_old = skipped;
        skip_new = total - skipped;
        found = true;
      }
    }
    for (; skip_old > 0; --skip_old) lines.push_back({'-', before[o++]});
    for (; skip_new > 0; --skip_new) lines.push_back({'+', after[n++]});
  }
  return lines;
}

}  // namespace

std::string unified_diff(const FixedFile& file) {
  constexpr std::size_t around = 3;
  const auto lines = compared(lines_of(file.before), lines_of(file.after));
  std::string out = fmt::format("--- {}\n+++ {}\n", file.is_new ? "/dev/null" : file.path, file.path);
  std::size_t old_line = 1;  // of the line at `at`
  std::size_t new_line = 1;
  const auto step = [&](const Line& line) {
    old_line += line.mark != '+';
    new_line += line.mark != '-';
  };
  for (std::size_t at = 0; at < lines.size();) {
    std::size_t first = at;
    while (first < lines.size() && lines[first].mark == ' ') ++first;
    if (first == lines.size()) break;
    // Changes with no more than two contexts between them share a hunk.
    std::size_t last = first;
    for (std::size_t next = first; next < lines.size() && next <= last + 2 * around; ++next) {
      if (lines[next].mark != ' ') last = next;
    }
    const std::size_t begin = first - at > around ? first - around : at;
    const std::size_t end = std::min(lines.size(), last + 1 + around);
    for (; at < begin; ++at) step(lines[at]);
    std::string body;
    const std::size_t old_begin = old_line;
    const std::size_t new_begin = new_line;
    for (; at < end; ++at) {
      body += fmt::format("{}{}\n", lines[at].mark, lines[at].text);
      step(lines[at]);
    }
    const std::size_t old_count = old_line - old_begin;
    const std::size_t new_count = new_line - new_begin;
    out += fmt::format("@@ -{},{} +{},{} @@\n{}", old_count == 0 ? old_begin - 1 : old_begin, old_count,
                       new_count == 0 ? new_begin - 1 : new_begin, new_count, body);
  }
  return out;
}

}  // namespace segue::lint
