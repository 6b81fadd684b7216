// The order in which migration tools run files: numbers by value, V2 before V2.1, up before down, sqitch.plan.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segue::lint {

// Whether file or version a comes before b: "2" before "10", "V2__b.sql" before "V2.1__a.sql".
bool runs_before(std::string_view a, std::string_view b);

// Sorts the files of folders; those of a Sqitch project as its plan has them.
void sort_as_run(std::vector<std::string>& files);

}  // namespace segue::lint
