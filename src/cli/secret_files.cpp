#include "cli/secret_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/json.h"
#include "cli/yaml.h"
#include "home/file_error.h"
#include "home/small_file.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{64} << 20;

Result<Object> parse_env(std::string_view text) {
  Object object;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    const std::size_t equals = line.find('=');
    const std::string place = "line " + std::to_string(number);
    if (equals == std::string_view::npos || equals == 0) {
      return fail(ErrorKind::invalid, place + " is not of the form NAME=VALUE");
    }
    const std::string name(line.substr(0, equals));
    if (object.contains(name)) return fail(ErrorKind::invalid, place + ": there is a line for " + name + " already");
    object.add(name, line.substr(equals + 1));
  }
  return object;
}

Result<Object> parse(const std::string& extension, std::string_view text) {
  if (extension == ".env") return parse_env(text);
  auto value = extension == ".json" ? parse_json(text) : parse_yaml(text);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_object())
    return fail(ErrorKind::invalid, "it holds no object, but something of type " + std::string(value->type_name()));
  return std::move(value->as_object());
}

}  // namespace

Result<Object> read_secret_file(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension != ".json" && extension != ".yaml" && extension != ".yml" && extension != ".env") {
    return fail(ErrorKind::invalid, "what the file holds shows at the end of its name", path.string(),
                "name it .json, .yaml, .yml or .env");
  }
  auto content = read_small_file(path, largest_file);
  if (!content) return std::unexpected(std::move(content.error()));
  if (!*content) return fail(ErrorKind::not_found, "there is no such file", path.string());
  auto object = parse(extension, **content);
  if (!object) object.error().where = path.string();
  return object;
}

Result<void> check_secret_target(const std::string& file) {
  if (file == "-" || file == "/dev/stdout") {
    return fail(ErrorKind::denied, "secrets are written in clear to a file only, which nobody else can read", file,
                "give the name of a file");
  }
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return std::unexpected(file_error(errno, "cannot look at the file", file));
  }
  if (!S_ISREG(info.st_mode))
    return fail(ErrorKind::denied, "secrets are written in clear to a regular file only", file, "give another name");
  if (info.st_uid != ::geteuid())
    return fail(ErrorKind::denied, "the file belongs to somebody else", file, "give another name");
  if ((info.st_mode & 0077) != 0) {
    return fail(ErrorKind::denied, "others can read the file, and secrets would be written to it in clear", file,
                "mend it with: chmod 600 " + shell_word(file));
  }
  return {};
}

Result<void> write_secret_file(const std::string& file, std::string_view content) {
  std::error_code error;
  const fs::path path = fs::absolute(file, error);
  if (error) return std::unexpected(file_error(error.value(), "cannot find the current folder", file));
  return write_private_file(path, content);
}

Result<std::string> read_input(const std::string& file) {
  std::string content;
  if (file == "-") {
    std::array<char, 65536> piece{};
    for (;;) {
      const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::unexpected(file_error(errno, "cannot read", "stdin"));
      if (got == 0) break;
      content.append(piece.data(), static_cast<std::size_t>(got));
      if (content.size() > largest_file) return fail(ErrorKind::invalid, "there is too much of it", "stdin");
    }
  } else {
    auto read = read_small_file(file, largest_file);
    if (!read) return std::unexpected(std::move(read.error()));
    if (!*read) return fail(ErrorKind::not_found, "there is no such file", file);
    content = std::move(**read);
  }
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  return content;
}

}  // namespace venturi::cli
