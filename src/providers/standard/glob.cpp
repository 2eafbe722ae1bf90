#include "providers/standard/glob.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace venturi::providers {
namespace {

namespace fs = std::filesystem;
using Found = std::function<bool(const std::string&)>;

bool has_magic(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder.empty() ? "." : folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() || folder.ends_with('/') ? folder + name : folder + "/" + name;
}

bool is_there(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}
bool is_folder(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);  // no links: they may go in a circle
}

bool walk(const std::string& base, std::string_view rest, bool recursive, const Found& found);

// "**": this folder and all below it.
bool walk_all(const std::string& base, std::string_view rest, const Found& found) {
  if (rest.empty() ? !base.empty() && found(base) : walk(base, rest, true, found)) return true;
  for (const std::string& name : names_in(base)) {
    if (name.front() == '.') continue;
    const std::string path = joined(base, name);
    if (is_folder(path)) {
      if (walk_all(path, rest, found)) return true;
    } else if (rest.empty() && found(path)) {
      return true;
    }
  }
  return false;
}

bool walk(const std::string& base, std::string_view rest, bool recursive, const Found& found) {
  if (rest.empty()) return is_there(base) && found(base);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string part(rest.substr(0, slash));
  std::string_view next = rest.substr(slash);
  while (next.starts_with('/')) next.remove_prefix(1);
  if (part == "**" && recursive) return walk_all(base, next, found);
  if (!has_magic(part)) return walk(joined(base, part), next, recursive, found);
  for (const std::string& name : names_in(base)) {
    if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) != 0) continue;
    const std::string path = joined(base, name);
    if (next.empty() ? found(path) : walk(path, next, recursive, found)) return true;
  }
  return false;
}

}  // namespace

bool glob(const std::string& pattern, bool recursive, const Found& found) {
  if (pattern.empty()) return false;
  if (!has_magic(pattern)) return is_there(pattern) && found(pattern);
  std::string_view rest = pattern;
  std::string base;
  if (rest.front() == '/') {
    base = "/";
    while (rest.starts_with('/')) rest.remove_prefix(1);
  }
  return walk(base, rest, recursive, found);
}

}  // namespace venturi::providers
