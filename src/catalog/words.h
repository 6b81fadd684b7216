// Objects and values as people read them: parts of the sentences of diff.h.
#pragma once

#include <string>

#include "catalog/snapshot.h"

namespace segue::catalog::words {

// "`tenant read` on `orders`" from "\"tenant read\" on public.orders": without the schema public, in backticks.
std::string shown_name(const std::string& name);

// USING, WITH CHECK, NOT NULL and other words of SQL in capitals; the rest as it is.
std::string shown_attribute(const std::string& attribute);

// The value in backticks, on one line, cut where it is longer than a person reads.
std::string shown_value(const std::string& value);

// What a new or vanished object is, in a few words: "numeric, not null".
std::string in_short(const Object& object);

}  // namespace segue::catalog::words
