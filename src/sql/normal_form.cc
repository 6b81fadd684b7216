#include "sql/normal_form.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace segue::sql {
namespace {

using Tree = nlohmann::json;

bool is_position(const std::string& key) {
  return key == "location" || key == "stmt_location" || key == "stmt_len";
}

// The node of this name inside a wrapper {"TypeCast": {…}}, or nullptr.
Tree* node(Tree& tree, const char* name) {
  if (!tree.is_object() || tree.size() != 1) return nullptr;
  auto found = tree.find(name);
  return found == tree.end() ? nullptr : &*found;
}

// "text" for pg_catalog.text and for text; the last part of the name, if the type has no modifier.
std::string plain_type(const Tree& type) {
  if (type.contains("typmods") || type.contains("setof") || !type.contains("names")) return {};
  const Tree& last = type["names"].back();
  return last.contains("String") ? last["String"].value("sval", "") : "";
}

// ARRAY[a, b]::t[] is what was written, ARRAY[a::t, b::t] what comes back after one more reading.
void distribute_array_cast(Tree& tree) {
  Tree* cast = node(tree, "TypeCast");
  if (cast == nullptr || !cast->contains("typeName") || !(*cast)["typeName"].contains("arrayBounds")) return;
  Tree* array = node((*cast)["arg"], "A_ArrayExpr");
  if (array == nullptr || !array->contains("elements")) return;
  Tree element_type = (*cast)["typeName"];
  element_type.erase("arrayBounds");
  for (Tree& element : (*array)["elements"]) {
    element = Tree{{"TypeCast", {{"arg", std::move(element)}, {"typeName", element_type}}}};
  }
  Tree inner = std::move((*cast)["arg"]);
  tree = std::move(inner);
}

// x::varchar::text is x::text: an unbounded varchar is the same text.
void drop_varchar_within_text(Tree& tree) {
  Tree* outer = node(tree, "TypeCast");
  if (outer == nullptr || plain_type((*outer)["typeName"]) != "text") return;
  if ((*outer)["typeName"].contains("arrayBounds")) return;
  Tree* inner = node((*outer)["arg"], "TypeCast");
  if (inner == nullptr || plain_type((*inner)["typeName"]) != "varchar") return;
  if ((*inner)["typeName"].contains("arrayBounds")) return;
  Tree arg = std::move((*inner)["arg"]);
  (*outer)["arg"] = std::move(arg);
}

}  // namespace

void to_normal_form(Tree& tree) {
  if (tree.is_object()) {
    for (auto entry = tree.begin(); entry != tree.end();) {
      if (is_position(entry.key())) {
        entry = tree.erase(entry);
      } else {
        ++entry;
      }
    }
  }
  distribute_array_cast(tree);
  if (tree.is_structured()) {
    for (Tree& part : tree) to_normal_form(part);
  }
  drop_varchar_within_text(tree);
}

std::string even_blanks(std::string_view text) {
  std::string result;
  char quote = 0;
  for (const char sign : text) {
    const bool blank = sign == ' ' || sign == '\n' || sign == '\t' || sign == '\r';
    if (quote == 0 && blank) {
      if (!result.empty() && result.back() != ' ') result += ' ';
      continue;
    }
    if (quote == 0 && (sign == '\'' || sign == '"')) {
      quote = sign;
    } else if (sign == quote) {
      quote = 0;
    }
    result += sign;
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

}  // namespace segue::sql
