#include "operators/template_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/fd.h"
#include "operators/outcome.h"

namespace venturi::operators {
namespace {

constexpr const char* request_key = "template_file";

// As Jinja's split_template_path, put together again. Nothing where the name leads out of the folders.
std::optional<std::string> relative_path(std::string_view name) {
  std::string path;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    name.remove_prefix(std::min(part.size() + 1, name.size()));
    if (part == ".." || part.find('\0') != std::string_view::npos) return std::nullopt;
    if (!part.empty() && part != ".") path += (path.empty() ? "" : "/") + std::string(part);
  }
  return path.empty() ? std::nullopt : std::optional(path);
}

std::string errno_text(const std::string& what, const std::string& path) {
  return fmt::format("the {} {} cannot be read: {}", what, path, std::strerror(errno));
}

// The byte that is no UTF-8, as Unicode has it: no overlong forms, no surrogates, nothing above U+10FFFF.
std::optional<std::size_t> first_wrong_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto at = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U; };
    const unsigned first = at(0);
    const std::size_t more = first < 0x80 ? 0 : first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : 3;
    const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4 || at(1) < least || at(1) > most)) return i;
    for (std::size_t k = 2; k <= more; ++k) {
      if ((at(k) & 0xc0U) != 0x80U) return i;
    }
    i += more + 1;
  }
  return std::nullopt;
}

bool is_file(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
}

}  // namespace

std::vector<std::string> template_folders(const Value& dag) {
  const std::string file = dag.get_string("fileloc");
  if (file.empty() || file.front() != '/') return {};
  std::vector<std::string> folders{file.substr(0, std::max<std::size_t>(1, file.rfind('/')))};
  const Value more = dag.get_value("template_searchpath");
  if (!more.is_array()) return folders;
  for (const Value& folder : more.as_array()) {
    if (!folder.is_string() || folder.as_string().empty()) continue;
    const std::string& path = folder.as_string();
    folders.push_back(path.front() == '/' ? path : folders.front() + "/" + path);
  }
  return folders;
}

std::optional<std::string> TemplateFiles::source(std::string_view name) const {
  const auto path = relative_path(name);
  if (!path || folders_.empty()) return std::nullopt;
  if (const auto found = known_.find(*path); found != known_.end()) return found->second;
  throw templates::NotYet{Object{{request_key, *path}, {"folders", Array(folders_.begin(), folders_.end())}}};
}

bool TemplateFiles::take_answer(const Value& request, const std::optional<Value>& answer) {
  const Value* path = request.get(request_key);
  if (path == nullptr) return false;
  known_.insert_or_assign(path->as_string(), answer ? std::optional(answer->as_string()) : std::nullopt);
  return true;
}

std::string TemplateFiles::where_not(std::string_view name) const {
  if (folders_.empty()) return "the folder of its DAG is not known";
  if (!relative_path(name))
    return fmt::format("a name with '..' in it is refused, and names are relative to {}", fmt::join(folders_, ", "));
  return fmt::format("there is no such file in {}{}", fmt::join(folders_, ", nor in "),
                     name.starts_with('/') ? " (names are relative to that, also with a slash at the begin)" : "");
}

std::string TemplateFiles::hint() const {
  if (folders_.empty()) return "; the folder of its DAG is not known";
  return fmt::format("; names are relative to {}, and lead nowhere else", fmt::join(folders_, ", then "));
}

std::optional<Value> read_template_file(const Value& request) {
  for (const Value& folder : request.at("folders").as_array()) {
    const std::string path = folder.as_string() + "/" + request.at(request_key).as_string();
    if (is_file(path)) return read_template(path, "template");
  }
  return std::nullopt;
}

std::string read_template(const std::string& path, const std::string& what) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat about{};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) throw TaskFailed(errno_text(what, path));
  if (!S_ISREG(about.st_mode)) throw TaskFailed(fmt::format("the {} {} is no file", what, path));
  if (static_cast<std::size_t>(about.st_size) > most_template_bytes)
    throw TaskFailed(
        fmt::format("the {} {} has more than the {} MiB that a template may have", what, path, most_template_bytes >> 20U));
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t n = ::read(file.get(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw TaskFailed(errno_text(what, path));
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  if (const auto wrong = first_wrong_byte(text))
    throw TaskFailed(fmt::format("the {} {} is no UTF-8: byte {}, in line {}", what, path, *wrong,
                                 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*wrong), '\n')));
  return text;
}

}  // namespace venturi::operators
