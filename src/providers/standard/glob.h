// Python's glob: * ? [] within a name, "**" for any number of folders where `recursive` is said. Names that begin with a dot
// are found only where the pattern begins with one. It reads folders, and blocks: for threads beside the loop.
#pragma once

#include <functional>
#include <string>

namespace venturi::providers {

// Calls found() with each path until that returns true. False where none was wanted. Folders that cannot be read are as empty.
bool glob(const std::string& pattern, bool recursive, const std::function<bool(const std::string& path)>& found);

}  // namespace venturi::providers
