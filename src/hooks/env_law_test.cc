// The laws of env_file.h, on files of random lines: what rename puts in, take_back takes out, to the byte; twice is
// once.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "hooks/env_text.h"

namespace segue::hooks {
namespace {

const std::vector<EnvRename> renames = {{"DEAL_", "OPP_"}, {"DEAL_DB_", "DATABASE_"}, {"SALE", "OPP_"}};

rc::Gen<std::string> piece() {
  return rc::gen::element<std::string>("DEAL_", "DEAL_A", "DEAL_DB_B", "SALE", "SALEA", "OPP_A", "OTHER", "export ",
                                       "=", "=", "=", "\"", "\"", "'", "`", "\\", "\n", "\n", "\n", "\n", "\r\n", "\r",
                                       " ", "\t", "#", "# x", "x", "1", "value", "$", ":", std::string(1, '\0'),
                                       "\xC3\xA4", "\xEF\xBB\xBF");
}

rc::Gen<std::string> line() {
  return rc::gen::map(
      rc::gen::tuple(
          rc::gen::element<std::string>("", "export ", " ", "# "),
          rc::gen::element<std::string>("DEAL_A", "DEAL_DB_B", "DEAL_C", "SALEX", "OPP_A", "OTHER", "DATABASE_B"),
          rc::gen::element<std::string>("", "1", "2", "\"a b\"", "'a\nb'", "\"a\\\"\r\nb\" # c", "x # y", "it's"),
          rc::gen::element<std::string>("\n", "\n", "\r\n", "\n\n", "")),
      [](const auto& parts) {
        return std::get<0>(parts) + std::get<1>(parts) + "=" + std::get<2>(parts) + std::get<3>(parts);
      });
}

rc::Gen<std::string> file() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(line(), line(), piece())),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const auto& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(EnvLaw, TakeBackIsTheInverseOfRename, ()) {
  const auto text = *file();
  const auto renamed = renamed_env(text, renames, ".env");
  RC_CLASSIFY(!renamed, "refused");
  RC_CLASSIFY(renamed && renamed->text != text, "changed");
  if (!renamed) return;
  const auto again = renamed_env(renamed->text, renames, ".env");
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->text == renamed->text);
  const auto back = taken_back_env(renamed->text, renames);
  RC_ASSERT(back->text == text);
  RC_ASSERT(back->change.carried.empty());
  RC_ASSERT(back->change.changed == renamed->change.changed);
  RC_ASSERT(taken_back_env(text, renames)->text == text);
}

// Every old variable is there as before, and the new name has the value that the old one has.
RC_GTEST_PROP(EnvLaw, RenameLosesNothing, ()) {
  const auto text = *file();
  const auto renamed = renamed_env(text, renames, ".env");
  if (!renamed) return;
  std::vector<std::string> lines;
  for (const auto& entry : read_env(text)) lines.emplace_back(entry.all);
  const auto entries = read_env(renamed->text);
  std::size_t next = 0;
  for (const auto& entry : entries) next += next < lines.size() && entry.all == lines[next] ? 1 : 0;
  RC_ASSERT(next == lines.size());
  for (const auto& name : renamed->change.changed) {
    std::vector<std::string_view> of_old, of_new;
    for (const auto& entry : entries) {
      if (entry.name == name.from) of_old.push_back(entry.value);
      if (entry.name == name.to) of_new.push_back(entry.value);
    }
    RC_ASSERT(of_old == of_new);
  }
}

RC_GTEST_PROP(EnvLaw, EntriesFollowEachOtherWithoutAGap, ()) {
  const auto text = *file();
  std::string whole;
  for (const auto& entry : read_env(text)) {
    RC_ASSERT(!entry.all.empty());
    whole += entry.all;
  }
  RC_ASSERT(whole == text);
}

}  // namespace
}  // namespace segue::hooks
