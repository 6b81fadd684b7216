#include "lint/layout.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace segue::lint {
namespace {

namespace fs = std::filesystem;

bool is_all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char sign) { return sign >= '0' && sign <= '9'; });
}

std::string leading_digits(const std::string& name) {
  std::size_t end = 0;
  while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
  return name.substr(0, end);
}

bool contains_word(const std::string& name, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return name.find(word) != std::string::npos; });
}

Direction direction_of_name(const std::string& stem) {
  if (contains_word(stem, {"rollback", "revert", "undo", ".down", "_down"}) || stem == "down") return Direction::down;
  if (contains_word(stem, {"validat", "verify", "check", "troubleshoot"})) return Direction::verify;
  return Direction::up;
}

// One comment line of a tool that says something: "-- migrate:up transaction:false".
std::string marker_in(std::string_view comment) {
  if (!comment.starts_with("--")) return {};
  return lower(trim(comment.substr(2)));
}

}  // namespace

std::size_t pieces_in(const sql::Script& script, const Section& section) {
  return static_cast<std::size_t>(std::count_if(
      script.pieces.begin(), script.pieces.end(),
      [&](const sql::Piece& piece) { return piece.begin >= section.range.begin && piece.begin < section.range.end; }));
}

namespace {

// Parts of the text by the tool's markers.
class Marked {
 public:
  Marked(FileLayout& layout, const sql::Script& script) : layout_(layout), script_(script) {}

  bool read() {
    for (const sql::Range& comment : script_.comments) {
      const std::string marker =
          marker_in(std::string_view(script_.text).substr(comment.begin, comment.end - comment.begin));
      if (marker.starts_with("migrate:up") || marker.starts_with("migrate:down")) {
        layout_.layout = Layout::dbmate;
        begin(comment.end, marker.starts_with("migrate:up") ? Direction::up : Direction::down,
              marker.find("transaction:false") == std::string::npos);
      } else if (marker.starts_with("+goose")) {
        goose(trim(std::string_view(marker).substr(6)), comment);
      }
    }
    // Marks of goose without Up: all of it goes up.
    if (layout_.layout != Layout::plain && layout_.sections.empty()) {
      layout_.sections.push_back({Direction::up, {0, script_.text.size()}, true});
    }
    if (layout_.layout == Layout::dbmate) {
      for (Section& section : layout_.sections) send_at_once(section);
    }
    if (layout_.layout == Layout::goose && no_transaction_) {
      for (Section& section : layout_.sections) section.in_transaction = false;
    }
    return layout_.layout != Layout::plain;
  }

 private:
  void goose(std::string_view command, const sql::Range& comment) {
    layout_.layout = Layout::goose;
    if (command == "up" || command == "down") {
      begin(comment.end, command == "up" ? Direction::up : Direction::down, true);
    } else if (command == "no transaction") {
      no_transaction_ = true;
    }
  }

  // Without a transaction of its own a half still goes to the server as one message.
  void send_at_once(Section& section) const {
    if (section.in_transaction) return;
    section.in_transaction = section.one_message = pieces_in(script_, section) > 1;
  }

  void begin(std::size_t at, Direction direction, bool in_transaction) {
    if (layout_.sections.empty()) {
      layout_.sections.push_back({Direction::up, {0, at}, in_transaction});
    } else {
      layout_.sections.back().range.end = at;
    }
    layout_.sections.push_back({direction, {at, script_.text.size()}, in_transaction});
  }

  FileLayout& layout_;
  const sql::Script& script_;
  bool no_transaction_ = false;
};

bool starts_with_version(const std::string& name, char letter) {
  return name.size() > 3 && name[0] == letter && name[1] >= '0' && name[1] <= '9' &&
         name.find("__") != std::string::npos;
}

// Statements that Flyway itself knows to run outside a transaction, by their first words.
bool flyway_runs_alone(std::string_view statement) {
  const std::string words = lower(statement.substr(0, 200));
  constexpr std::string_view starts[] = {"vacuum",          "reindex ",         "discard all",       "alter system",
                                         "create database", "drop database",    "create tablespace", "drop tablespace",
                                         "alter database",  "create subscript", "drop subscription"};
  const bool index = (words.starts_with("create ") || words.starts_with("drop index")) &&
                     words.find("index concurrently") != std::string::npos;
  return index || std::any_of(std::begin(starts), std::end(starts),
                              [&](std::string_view start) { return words.starts_with(start); });
}

// The file NAME.sql.conf beside the script decides; without it a script of nothing else but such statements runs
// outside a transaction.
bool flyway_in_transaction(const std::string& path, const sql::Script& script) {
  std::ifstream file(path + ".conf");
  for (std::string line; std::getline(file, line);) {
    std::erase_if(line, [](char sign) { return sign == ' ' || sign == '\t' || sign == '\r'; });
    if (lower(line).starts_with("executeintransaction=")) return lower(line) != "executeintransaction=false";
  }
  return script.pieces.empty() ||
         !std::all_of(script.pieces.begin(), script.pieces.end(),
                      [&](const sql::Piece& piece) { return flyway_runs_alone(script.text_of(piece)); });
}

}  // namespace

const char* name_of(Layout layout) {
  switch (layout) {
    case Layout::plain:
      return "plain";
    case Layout::dbmate:
      return "dbmate";
    case Layout::goose:
      return "goose";
    case Layout::golang_migrate:
      return "golang-migrate";
    case Layout::flyway:
      return "flyway";
    case Layout::sqitch:
      return "sqitch";
    case Layout::supabase:
      break;
  }
  return "supabase";
}

const Section& FileLayout::section_at(std::size_t byte) const {
  for (const Section& section : sections) {
    if (byte < section.range.end) return section;
  }
  return sections.back();
}

FileLayout layout_of(const std::string& path, const sql::Script& script, bool plain_in_transaction) {
  FileLayout layout;
  const fs::path file(path);
  const std::string name = file.filename().string();
  const std::string stem = lower(file.stem().string());
  const std::string folder = file.parent_path().filename().string();
  layout.version = leading_digits(name);
  if (Marked(layout, script).read()) return layout;

  Direction direction = direction_of_name(stem);
  bool in_transaction = plain_in_transaction;
  const bool up_file = name.ends_with(".up.sql");
  if (up_file || name.ends_with(".down.sql")) {
    layout.layout = Layout::golang_migrate;
    direction = up_file ? Direction::up : Direction::down;
    // The whole file goes to the server as one message, which is one transaction if several statements stand in it.
    in_transaction = script.pieces.size() > 1;
  } else if (starts_with_version(name, 'V') || starts_with_version(name, 'U') || name.starts_with("R__")) {
    layout.layout = Layout::flyway;
    layout.version = name.substr(1, name.find("__") - 1);
    std::replace(layout.version.begin(), layout.version.end(), '_', '.');
    direction = name[0] == 'U' ? Direction::down : Direction::up;
    in_transaction = flyway_in_transaction(path, script);
  } else if (folder == "deploy" || folder == "revert" || folder == "verify") {
    layout.layout = Layout::sqitch;
    direction = folder == "deploy" ? Direction::up : folder == "revert" ? Direction::down : Direction::verify;
    in_transaction = false;
  } else if (folder == "migrations" && file.parent_path().parent_path().filename() == "supabase") {
    layout.layout = Layout::supabase;
    in_transaction = script.pieces.size() > 1;
  }
  const bool one_message =
      in_transaction && (layout.layout == Layout::golang_migrate || layout.layout == Layout::supabase);
  layout.sections.push_back({direction, {0, script.text.size()}, in_transaction, one_message});
  return layout;
}

std::string sibling_path(const std::string& path, const FileLayout& layout, int number) {
  const fs::path file(path);
  const std::string name = file.filename().string();
  std::string next;
  if (layout.layout == Layout::flyway && name[0] == 'V') {
    next = "V" + layout.version + "." + std::to_string(number) + name.substr(name.find("__"));
    next.insert(next.size() - 4, "_concurrently");
  } else if (is_all_digits(layout.version) && !layout.version.empty() && layout.version.size() < 19) {
    const std::string digits = std::to_string(std::stoull(layout.version) + static_cast<unsigned long long>(number));
    next = std::string(layout.version.size() - std::min(layout.version.size(), digits.size()), '0') + digits +
           name.substr(layout.version.size());
    const std::size_t end = next.ends_with(".up.sql") ? next.size() - 7 : next.size() - 4;
    next.insert(end, "_concurrently");
    // Another migration may have this version.
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(file.parent_path().empty() ? "." : file.parent_path(), ignored)) {
      const std::string other = entry.path().filename().string();
      if (other != next && leading_digits(other) == leading_digits(next)) return {};
    }
  } else {
    next = file.stem().string() + "_concurrently" + (number > 1 ? std::to_string(number) : "") + ".sql";
  }
  const fs::path made = file.parent_path() / next;
  std::error_code ignored;
  return fs::exists(made, ignored) ? std::string() : made.string();
}

}  // namespace segue::lint
