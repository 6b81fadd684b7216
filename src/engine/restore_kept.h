// Bringing rows back that an earlier rollback of the same migration set aside.
//
// They come back in an order in which foreign keys hold, each with every value that it had. One that does not fit any
// more (its key is taken, say) stays in segue.kept_row, marked so, with the reason; nothing is overwritten.
#pragma once

#include "engine/work.h"

namespace segue::engine {

// Rows of these tables and of what refers to them; how many came back.
// `only_values`: what stood in columns, and no whole rows.
Result<std::int64_t> restore_kept(Work& work, const std::vector<std::string>& tables, bool only_values = false);

}  // namespace segue::engine
