#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind security_labels() {
  return {"security label", R"(
    SELECT format('%s on %s %s', l.provider, thing.type, thing.identity) AS name, l.label
    FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) thing)",
          false};
}

}  // namespace segue::catalog
