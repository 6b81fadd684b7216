#include "cli/command.h"

int main(int argc, char** argv) {
  return segue::cli::run(argc, argv);
}
