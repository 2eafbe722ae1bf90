// FileSensor: a file, or a folder with any file in it. The disk is looked at beside the loop: it may be a network away.
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/time.h"
#include "net/background.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"
#include "providers/standard/glob.h"
#include "providers/standard/sensors.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

struct FoundFile {
  bool found = false;
  std::string note;  // for the log
};

// As os.walk(): below a folder, links to folders are not followed.
bool holds_a_file(const std::string& folder) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, std::filesystem::directory_options::skip_permission_denied,
                                                      error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code unknown;
    if (!entry->is_directory(unknown)) return true;
  }
  return false;
}

FoundFile look_for(const std::string& pattern, bool recursive) {
  FoundFile result;
  result.found = glob(pattern, recursive, [&result](const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return false;
    if (S_ISREG(info.st_mode)) {
      const Time changed(std::chrono::seconds(info.st_mtim.tv_sec));
      result.note = fmt::format("Found File {} last modified: {}", path, format_time(changed));
      return true;
    }
    return S_ISDIR(info.st_mode) && holds_a_file(path);
  });
  return result;
}

}  // namespace

operators::ConnectionTest test_fs(const Connection& connection) {
  const Object extra = operators::extra_of(connection);
  const Value* path = extra.find("path");
  if (path == nullptr || path->is_null() || (path->is_string() && path->as_string().empty()))
    return {false, "File Path is undefined: give it as path in the connection's extra"};
  if (!path->is_string()) return {false, "extra: path must be a string"};
  std::error_code error;
  if (std::filesystem::exists(path->as_string(), error)) return {true, fmt::format("Path {} is existing.", path->as_string())};
  return {false, fmt::format("Path {} does not exist{}: make it, or correct path in the connection's extra", path->as_string(),
                             error ? " (" + error.message() + ")" : "")};
}

asio::awaitable<operators::Poke> poke_file(operators::OperatorTry& t, const operators::Arguments& arguments) {
  std::string path = arguments.string("filepath");
  // os.path.join(): what is absolute needs no base, so a connection that nobody named need not be there.
  if (!path.starts_with('/') || arguments.find("fs_conn_id") != nullptr) {
    const std::string conn_id = arguments.string("fs_conn_id", "fs_default");
    const Connection connection = co_await t.host.connection(conn_id);
    const Object extra = operators::extra_of(connection);
    const Value* base = extra.find("path");
    if (base != nullptr && !base->is_string())
      throw operators::TaskFailed(fmt::format("connection {}, extra: path must be a string", conn_id));
    if (base != nullptr && !base->as_string().empty() && !path.starts_with('/')) {
      path = base->as_string() + (base->as_string().ends_with('/') ? "" : "/") + path;
    }
  }
  if (!path.starts_with('/')) {
    throw operators::TaskFailed(fmt::format(
        "the argument filepath ('{}') is relative, and the connection has no path in its extra: give one of them", path));
  }
  if (path.find('\0') != std::string::npos) throw operators::TaskFailedForGood("the argument filepath has a zero byte in it");
  t.log.info("Poking for file " + path);
  auto work = [path, recursive = arguments.boolean("recursive", false)] { return look_for(path, recursive); };
  const FoundFile result = co_await net::in_background(std::move(work));
  if (!result.note.empty()) t.log.info(result.note);
  co_return operators::Poke{result.found, {}};
}

}  // namespace venturi::providers
