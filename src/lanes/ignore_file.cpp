#include "lanes/ignore_file.h"

namespace venturi::lanes {

namespace {

// The set "[...]" at the start of glob against c. Sets `length` to the set's, 0 where there is no closing bracket.
bool set_fits(std::string_view glob, char c, std::size_t& length) {
  std::size_t i = 1;
  const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (const std::size_t first = i; i < glob.size(); ++i) {
    if (glob[i] == ']' && i > first) {
      length = i + 1;
      return found != negated && c != '/';
    }
    if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
      found = found || (glob[i] <= c && c <= glob[i + 2]);
      i += 2;
    } else {
      found = found || glob[i] == c;
    }
  }
  length = 0;
  return false;
}

}  // namespace

bool glob_fits(std::string_view glob, std::string_view path) {
  while (!glob.empty()) {
    if (glob.starts_with("**")) {
      std::string_view rest = glob.substr(2);
      if (rest.empty()) return true;
      if (rest.front() == '/') rest.remove_prefix(1);  // "**/x" fits "x" too
      for (std::size_t at = 0;; ++at) {
        if (glob_fits(rest, path.substr(at))) return true;
        at = path.find('/', at);
        if (at == std::string_view::npos) return false;
      }
    }
    if (glob.front() == '*') {
      for (std::size_t at = 0;; ++at) {
        if (glob_fits(glob.substr(1), path.substr(at))) return true;
        if (at == path.size() || path[at] == '/') return false;
      }
    }
    if (path.empty()) return false;
    std::size_t length = 1;
    if (glob.front() == '[') {
      const bool fits = set_fits(glob, path.front(), length);
      if (length == 0) {
        if (path.front() != '[') return false;
        length = 1;
      } else if (!fits) {
        return false;
      }
    } else if (glob.front() == '?') {
      if (path.front() == '/') return false;
    } else {
      if (glob.front() == '\\' && glob.size() > 1) glob.remove_prefix(1);
      if (glob.front() != path.front()) return false;
    }
    glob.remove_prefix(length);
    path.remove_prefix(1);
  }
  return path.empty();
}

void IgnorePatterns::add(std::string_view folder, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    Pattern p;
    if (!folder.empty()) p.prefix = std::string(folder) + "/";
    if (line.front() == '!') {
      p.negated = true;
      line.remove_prefix(1);
    }
    if (!line.empty() && line.back() == '/') {
      p.folders_only = true;
      line.remove_suffix(1);
    }
    p.anchored = line.find('/') != std::string_view::npos;
    if (!line.empty() && line.front() == '/') line.remove_prefix(1);
    if (line.empty()) continue;
    p.glob = line;
    patterns_.push_back(std::move(p));
  }
}

bool IgnorePatterns::ignores(std::string_view path, bool is_folder) const {
  for (auto p = patterns_.rbegin(); p != patterns_.rend(); ++p) {
    if (p->folders_only && !is_folder) continue;
    if (!path.starts_with(p->prefix)) continue;
    std::string_view rest = path.substr(p->prefix.size());
    if (!p->anchored) {
      if (const std::size_t slash = rest.find_last_of('/'); slash != std::string_view::npos) rest.remove_prefix(slash + 1);
    }
    if (glob_fits(p->glob, rest)) return !p->negated;
  }
  return false;
}

}  // namespace venturi::lanes
