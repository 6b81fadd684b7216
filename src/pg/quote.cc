#include "pg/quote.h"

#include <algorithm>
#include <array>

namespace segue::pg {
namespace {

// Words that PostgreSQL 14 to 18 take for themselves where a name is due (reserved, and those that cannot be a column
// or a table without quotes). From pg_get_keywords() of every version, catcode R, T and C.
constexpr std::array keywords = {"all",
                                 "analyse",
                                 "analyze",
                                 "and",
                                 "any",
                                 "array",
                                 "as",
                                 "asc",
                                 "asymmetric",
                                 "authorization",
                                 "between",
                                 "bigint",
                                 "binary",
                                 "bit",
                                 "boolean",
                                 "both",
                                 "case",
                                 "cast",
                                 "char",
                                 "character",
                                 "check",
                                 "coalesce",
                                 "collate",
                                 "collation",
                                 "column",
                                 "concurrently",
                                 "constraint",
                                 "create",
                                 "cross",
                                 "current_catalog",
                                 "current_date",
                                 "current_role",
                                 "current_schema",
                                 "current_time",
                                 "current_timestamp",
                                 "current_user",
                                 "dec",
                                 "decimal",
                                 "default",
                                 "deferrable",
                                 "desc",
                                 "distinct",
                                 "do",
                                 "else",
                                 "end",
                                 "except",
                                 "exists",
                                 "extract",
                                 "false",
                                 "fetch",
                                 "float",
                                 "for",
                                 "foreign",
                                 "freeze",
                                 "from",
                                 "full",
                                 "grant",
                                 "greatest",
                                 "group",
                                 "grouping",
                                 "having",
                                 "ilike",
                                 "in",
                                 "initially",
                                 "inner",
                                 "inout",
                                 "int",
                                 "integer",
                                 "intersect",
                                 "interval",
                                 "into",
                                 "is",
                                 "isnull",
                                 "join",
                                 "json",
                                 "json_array",
                                 "json_arrayagg",
                                 "json_exists",
                                 "json_object",
                                 "json_objectagg",
                                 "json_query",
                                 "json_scalar",
                                 "json_serialize",
                                 "json_table",
                                 "json_value",
                                 "lateral",
                                 "leading",
                                 "least",
                                 "left",
                                 "like",
                                 "limit",
                                 "localtime",
                                 "localtimestamp",
                                 "merge_action",
                                 "national",
                                 "natural",
                                 "nchar",
                                 "none",
                                 "normalize",
                                 "not",
                                 "notnull",
                                 "null",
                                 "nullif",
                                 "numeric",
                                 "offset",
                                 "on",
                                 "only",
                                 "or",
                                 "order",
                                 "out",
                                 "outer",
                                 "overlaps",
                                 "overlay",
                                 "placing",
                                 "position",
                                 "precision",
                                 "primary",
                                 "real",
                                 "references",
                                 "returning",
                                 "right",
                                 "row",
                                 "select",
                                 "session_user",
                                 "setof",
                                 "similar",
                                 "smallint",
                                 "some",
                                 "substring",
                                 "symmetric",
                                 "system_user",
                                 "table",
                                 "tablesample",
                                 "then",
                                 "time",
                                 "timestamp",
                                 "to",
                                 "trailing",
                                 "treat",
                                 "trim",
                                 "true",
                                 "union",
                                 "unique",
                                 "user",
                                 "using",
                                 "values",
                                 "varchar",
                                 "variadic",
                                 "verbose",
                                 "when",
                                 "where",
                                 "window",
                                 "with",
                                 "xmlattributes",
                                 "xmlconcat",
                                 "xmlelement",
                                 "xmlexists",
                                 "xmlforest",
                                 "xmlnamespaces",
                                 "xmlparse",
                                 "xmlpi",
                                 "xmlroot",
                                 "xmlserialize",
                                 "xmltable"};

bool plain(std::string_view name) {
  if (name.empty() || !(name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z'))) return false;
  const bool signs = std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '$';
  });
  return signs && !std::binary_search(keywords.begin(), keywords.end(), name);
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '\0') continue;
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string quote_name(std::string_view schema, std::string_view name) {
  return schema.empty() ? quote_name(name) : quote_name(schema) + "." + quote_name(name);
}

std::string display_name(std::string_view name) {
  return plain(name) ? std::string(name) : quote_name(name);
}

std::string display_name(std::string_view schema, std::string_view name) {
  return schema.empty() ? display_name(name) : display_name(schema) + "." + display_name(name);
}

std::string quote_literal(std::string_view value) {
  const bool backslash = value.find('\\') != std::string_view::npos;
  std::string out = backslash ? "E'" : "'";
  for (const char c : value) {
    if (c == '\0') continue;
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + '\'';
}

std::string quote_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + quote_name(name);
  return out;
}

std::string fit_name(std::string_view name) {
  constexpr std::size_t limit = 63;
  if (name.size() <= limit) return std::string(name);
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return std::string(name.substr(0, end));
}

}  // namespace segue::pg
