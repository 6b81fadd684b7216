#include "hooks/descriptor.h"

#include <unistd.h>

namespace segue::hooks {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

}  // namespace segue::hooks
