// Where a server writes what it says about itself, as [logging] has it.
#pragma once

#include <filesystem>

#include "home/config.h"

namespace venturi {

// Level and file; where the file cannot be opened, that is told, and lines go where they went before. Again after a change.
void set_up_log(const Config& config, const std::filesystem::path& home);

}  // namespace venturi
