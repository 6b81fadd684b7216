#include "catalog/fingerprint.h"

namespace segue::catalog {

const std::vector<BlindSpot>& blind_list() {
  static const std::vector<BlindSpot> list = {
      {"oids", "they are the server's own numbers and differ in every copy"},
      {"dropped columns and attnum",
       "a column that was added and dropped leaves a gap; the rank among live columns counts"},
      {"rank of inherited columns in a child of plain inheritance", "a restore puts the parents' columns first"},
      {"missing values (fast defaults)", "they say how old rows are stored, not what they hold"},
      {"pg_attver among a column's options",
       "a log position that some servers write themselves, new after every restore"},
      {"enumsortorder", "the order of labels counts, not the numbers that make it"},
      {"positions of sequences", "they move with every insert and no rollback takes numbers back"},
      {"statistics, toast tables, heap order, free space",
       "they follow from the rows and from vacuum, not from a definition"},
      {"names of foreign keys that the server copies to partitions", "a dump does not carry them; the parent's counts"},
      {"names of NOT NULL constraints that the server chose (18)",
       "other versions have none; the column's NOT NULL counts"},
      {"versions of collations and of the server", "they come with the operating system and the server"},
      {"the database's own settings, owner, rights and comment", "a dump of a database does not carry them"},
      {"roles, tablespaces and settings of roles",
       "they belong to the whole server; their names count where they are used"},
      {"secrets: passwords of user mappings and connection strings of subscriptions", "they are never read"},
      {"large objects", "they are data without a table"},
      {"schemas pg_*, information_schema, segue, segue_trash and segue_archive; temporary objects; members of "
       "extensions",
       "they are the server's, segue's, the session's or the extension's; rights granted on members count"},
  };
  return list;
}

}  // namespace segue::catalog
