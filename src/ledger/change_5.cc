#include "ledger/changes.h"

namespace segue::ledger {

const char* const ranges_of_partitions = R"sql(
ALTER TABLE segue.backfill_range ADD COLUMN table_name text NOT NULL DEFAULT '';
COMMENT ON COLUMN segue.backfill_range.table_name IS 'The table whose rows it holds: of a partitioned one, the partition.';
)sql";

}  // namespace segue::ledger
