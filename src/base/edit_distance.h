// How far apart two names are: for errors that name what was perhaps meant.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace venturi {

// Levenshtein's: how many bytes have to be put in, taken out or replaced.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);
// The name that was perhaps meant: the first of the nearest ones, empty where none is near (a third of its bytes away).
[[nodiscard]] std::string nearest(std::string_view name, std::span<const std::string> names);

}  // namespace venturi
