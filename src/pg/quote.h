// The one place where names and literals become SQL text. Values go as parameters; what cannot be a parameter (a name,
// the text of a SET) goes through here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segue::pg {

// Always quoted: orders → "orders", a"b → "a""b". A NUL byte cannot be part of a name and is left out.
std::string quote_name(std::string_view name);

// Schema and name: "public"."orders". An empty schema leaves the name alone.
std::string quote_name(std::string_view schema, std::string_view name);

// As a person would write it: quotes only where PostgreSQL needs them.
std::string display_name(std::string_view name);
std::string display_name(std::string_view schema, std::string_view name);

// 'it''s', or E'…' where a backslash stands in it: right whatever standard_conforming_strings says.
std::string quote_literal(std::string_view value);

// A list of quoted names: "a", "b".
std::string quote_names(const std::vector<std::string>& names);

// PostgreSQL cuts names to 63 bytes without a word; this cuts where it does (never inside a UTF-8 sign).
std::string fit_name(std::string_view name);

}  // namespace segue::pg
