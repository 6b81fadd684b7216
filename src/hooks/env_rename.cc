#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "hooks/env_names.h"
#include "hooks/env_text.h"

namespace segue::hooks {
namespace {

std::string_view without_line_end(const EnvEntry& entry) {
  return entry.all.substr(0, entry.all.size() - entry.line_end.size());
}

void note(std::vector<EnvName>& names, const EnvName& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// The entry's text with another name, without its line end.
std::string with_name(const EnvEntry& entry, std::string_view name) {
  const auto content = without_line_end(entry);
  const auto before = static_cast<std::size_t>(entry.name.data() - entry.all.data());
  return fmt::format("{}{}{}", content.substr(0, before), name, content.substr(before + entry.name.size()));
}

class Renaming {
 public:
  Renaming(std::string_view text, const std::vector<EnvRename>& renames, const std::string& file)
      : entries_(read_env(text)), renames_(renames), file_(file) {
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      if (!entries_[at].name.empty()) there_[std::string(entries_[at].name)] = at;
    }
  }

  Result<EnvText> rename() {
    std::vector<std::string> before(entries_.size());
    for (std::size_t at = 0; at < entries_.size(); ++at) TRY(one(at, before));
    EnvText done{"", std::move(change_)};
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      done.text += before[at];
      done.text += entries_[at].all;
    }
    return done;
  }

 private:
  // Puts what comes in before the entry (or before the comment above it) into `before`.
  Status one(std::size_t at, std::vector<std::string>& before) {
    const auto& entry = entries_[at];
    const auto fresh = entry.name.empty() ? std::nullopt : new_name(entry.name, renames_);
    if (!fresh) return {};
    const EnvName name{std::string(entry.name), *fresh};
    TRY(check_name(name, entry));
    const auto comment = deprecation(name);
    const bool told = at > 0 && without_line_end(entries_[at - 1]) == comment;
    const auto there = there_.find(*fresh), planned = planned_.find(*fresh);
    const bool ours_twice = planned != planned_.end() && entries_[planned->second].name == entry.name;
    const EnvEntry* other = there != there_.end()                      ? &entries_[there->second]
                            : planned != planned_.end() && !ours_twice ? &entries_[planned->second]
                                                                       : nullptr;
    if (other != nullptr) {
      if (!told && trim(other->value) != trim(entry.value)) return differs(name, entry, *other);
      note(change_.unchanged, name);
      return {};
    }
    TRY(check_end(at));
    const auto line_end = line_end_for(at);
    before[told ? at - 1 : at] = with_name(entry, *fresh) + line_end + (told ? "" : comment + line_end);
    planned_.try_emplace(*fresh, at);
    note(change_.changed, name);
    return {};
  }

  Status check_name(const EnvName& name, const EnvEntry& entry) const {
    if (!is_env_name(name.to)) {
      return refused("env-name",
                     fmt::format("'{}' would become '{}', which is no name of a variable", name.from, name.to),
                     "give another beginning", place(entry));
    }
    if (new_name(name.to, renames_)) {
      return refused(
          "env-name",
          fmt::format("'{}' would become '{}', which would itself be renamed the next time", name.from, name.to),
          "give a beginning that does not begin like an old name", place(entry));
    }
    return {};
  }

  Status check_end(std::size_t at) const {
    if (entries_[at].quote_is_open) {
      return refused("env-quote", fmt::format("the quote of the value of '{}' is not closed", entries_[at].name),
                     "close it", place(entries_[at]));
    }
    if (entries_[at].continues || (at > 0 && entries_[at - 1].continues)) {
      return refused(
          "env-backslash",
          fmt::format("a backslash at the end of a line: whether '{}' goes over several lines is for each reader "
                      "of this file to say",
                      entries_[at].name),
          "put the value into quotes", place(entries_[at].continues ? entries_[at] : entries_[at - 1]));
    }
    return {};
  }

  Status differs(const EnvName& name, const EnvEntry& entry, const EnvEntry& other) const {
    const auto same_name = other.name == name.to ? fmt::format("'{}' is there already", name.to)
                                                 : fmt::format("'{}' becomes '{}' too", other.name, name.to);
    return refused(
        "env-conflict",
        fmt::format("{} ({}), with another value than '{}' ({})", same_name, place(other), name.from, place(entry)),
        "give both the same value, or take one out", place(entry));
  }

  std::string line_end_for(std::size_t at) const {
    for (std::size_t above = at + 1; above-- > 0;) {
      if (entries_[above].line_end.ends_with('\n')) return std::string(entries_[above].line_end);
    }
    return entries_[at].line_end == "\r" ? "\r\n" : "\n";
  }

  std::string place(const EnvEntry& entry) const { return fmt::format("{}:{}", file_, entry.line); }

  std::vector<EnvEntry> entries_;
  const std::vector<EnvRename>& renames_;
  const std::string& file_;
  std::map<std::string, std::size_t> there_;    // the last entry of a name: it is the one that counts
  std::map<std::string, std::size_t> planned_;  // by new name: the old entry
  EnvChange change_;
};

// The comments of rename_variables, and what belongs to each.
class TakingBack {
 public:
  TakingBack(std::string_view text, const std::vector<EnvRename>& renames)
      : entries_(read_env(text)), renames_(renames), used_(entries_.size(), false) {
    for (const auto& entry : entries_) texts_.emplace_back(entry.all);
  }

  EnvText take_back() {
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      if (const auto name = read_deprecation(without_line_end(entries_[at]), renames_)) one(at, *name);
    }
    return {join(texts_, ""), std::move(change_)};
  }

 private:
  void one(std::size_t comment, const EnvName& name) {
    texts_[comment].clear();
    note(change_.changed, name);
    const auto fresh = find(name.to, comment, comment - 1);
    const auto old = find(name.from, comment, comment + 1);
    if (!fresh) return;
    used_[*fresh] = true;
    if (!old) {
      texts_[*fresh] = with_name(entries_[*fresh], name.from) + std::string(entries_[*fresh].line_end);
      return;
    }
    used_[*old] = true;
    texts_[*fresh].clear();
    if (entries_[*fresh].value == entries_[*old].value) return;
    const auto& entry = entries_[*old];
    const auto before = static_cast<std::size_t>(entry.value.data() - entry.all.data());
    texts_[*old] = fmt::format("{}{}{}", entry.all.substr(0, before), entries_[*fresh].value, entry.line_end);
    note(change_.carried, name);
  }

  // Whether another comment than `comment` stands beside the entry and has it for its own.
  bool is_of_another(std::size_t at, std::size_t comment) const {
    for (const auto beside : {at - 1, at + 1}) {
      if (beside >= entries_.size() || beside == comment) continue;
      const auto name = read_deprecation(without_line_end(entries_[beside]), renames_);
      if (name && (beside < at ? name->from : name->to) == entries_[at].name) return true;
    }
    return false;
  }

  // The entry of this name beside the comment; where somebody has moved it, the last one that no other comment has.
  std::optional<std::size_t> find(const std::string& name, std::size_t comment, std::size_t beside) const {
    if (beside < entries_.size() && entries_[beside].name == name && !used_[beside]) return beside;
    for (std::size_t at = entries_.size(); at-- > 0;) {
      if (entries_[at].name == name && !used_[at] && !is_of_another(at, comment)) return at;
    }
    return std::nullopt;
  }

  std::vector<EnvEntry> entries_;
  const std::vector<EnvRename>& renames_;
  std::vector<bool> used_;
  std::vector<std::string> texts_;
  EnvChange change_;
};

}  // namespace

Result<EnvText> renamed_env(std::string_view text, const std::vector<EnvRename>& renames, const std::string& file) {
  TRY(check_renames(renames));
  return Renaming(text, renames, file).rename();
}

Result<EnvText> taken_back_env(std::string_view text, const std::vector<EnvRename>& renames) {
  TRY(check_renames(renames));
  return TakingBack(text, renames).take_back();
}

}  // namespace segue::hooks
