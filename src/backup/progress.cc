#include "backup/progress.h"

namespace segue::backup {

const char* name_of(Stage stage) {
  switch (stage) {
    case Stage::dumping:
      return "dumping";
    case Stage::reading_back:
      return "reading back";
    case Stage::comparing:
      return "comparing";
  }
  return "";
}

}  // namespace segue::backup
