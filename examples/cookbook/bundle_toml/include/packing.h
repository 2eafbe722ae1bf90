// Knows nothing of Venturi: what the company has already.
#pragma once

#include <cstddef>
#include <string>

std::size_t packed_size(const std::string& text);
