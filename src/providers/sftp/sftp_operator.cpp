// SFTPOperator: files and folders to a server, from it, or deleted there.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/rows/new_file.h"
#include "providers/sftp/sftp.h"
#include "providers/sftp/sftp_files.h"

namespace venturi::providers {
namespace {

namespace fs = std::filesystem;
using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::vector<std::string> paths_of(const Arguments& arguments, std::string_view name) {
  const Value* given = arguments.find(name);
  if (given == nullptr) return {};
  std::vector<std::string> paths;
  if (given->is_string()) {
    paths.push_back(given->as_string());
  } else if (given->is_array()) {
    for (const Value& path : given->as_array()) paths.push_back(path.is_string() ? path.as_string() : std::string());
  }
  const auto is_bad = [](const std::string& path) { return path.empty() || path.find('\0') != std::string::npos; };
  if (paths.empty() || std::ranges::any_of(paths, is_bad))
    throw TaskFailedForGood(fmt::format("the argument {} must be a path, or a list of paths", name));
  return paths;
}

std::string without_last_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

class Transfers {
 public:
  Transfers(MoverTry& t, const Arguments& arguments, SftpClient& sftp)
      : log_(t.log),
        sftp_(sftp),
        how_{.tag = t.facts.ti_id,
             .confirm = arguments.boolean("confirm", true),
             .say = [this](std::string_view text) { log_.info(text); }},
        makes_folders_(arguments.boolean("create_intermediate_dirs", false)) {}

  void get(const std::string& remote, const std::string& given) {
    const std::string local = absolute_file("local_filepath", without_last_slashes(given));
    if (makes_folders_) {
      std::error_code error;
      fs::create_directories(sftp_folder_of(local), error);
      if (error)
        throw TaskFailed(fmt::format("{} cannot be made on the worker's machine: {}", sftp_folder_of(local), error.message()));
    }
    const auto there = sftp_.stat(remote);
    if (there && there->is_folder()) {
      const std::size_t files = sftp_download_folder(sftp_, without_last_slashes(remote), local, how_);
      return log_.info(fmt::format("{} is {}: {} files", sftp_.shown(remote), local, files));
    }
    const std::uint64_t bytes = sftp_download(sftp_, remote, local, how_);
    log_.info(fmt::format("{} is {}: {} bytes", sftp_.shown(remote), local, bytes));
  }

  void put(const std::string& given, const std::string& remote) {
    if (!given.starts_with('/'))
      throw TaskFailedForGood(
          fmt::format("the argument local_filepath must be absolute, not '{}': it lies on the worker's machine", given));
    const std::string local = without_last_slashes(given), target = without_last_slashes(remote);
    if (makes_folders_) sftp_make_folders(sftp_, sftp_folder_of(target));
    if (fs::is_directory(local)) {
      const std::size_t files = sftp_upload_folder(sftp_, local, target, how_);
      return log_.info(fmt::format("{} is {}: {} files", local, sftp_.shown(target), files));
    }
    const std::uint64_t bytes = sftp_upload(sftp_, local, target, how_);
    log_.info(fmt::format("{} is {}: {} bytes", local, sftp_.shown(target), bytes));
  }

  void remove(const std::string& given) {
    const std::string path = without_last_slashes(given);
    if (const fs::path normal = fs::path(path).lexically_normal(); normal == "/" || normal == "." || normal.filename() == "..")
      throw TaskFailedForGood(fmt::format("the argument remote_filepath names all that is there: '{}'", given));
    const auto there = sftp_.stat(path);
    if (there && there->is_folder()) {
      const std::size_t count = sftp_remove_tree(sftp_, path);
      return log_.info(fmt::format("deleted {}: {} files and folders", sftp_.shown(path), count));
    }
    try {
      sftp_.remove(path);
      log_.info("deleted " + sftp_.shown(path));
    } catch (const SftpRefused& refused) {
      if (refused.status != SftpStatus::no_such_file) throw;
      log_.warning(fmt::format("Remote file {} does not exist. Skipping delete.", sftp_.shown(path)));
    }
  }

 private:
  operators::TryLog& log_;
  SftpClient& sftp_;
  SftpTransfer how_;
  bool makes_folders_;
};

}  // namespace

Value run_sftp(MoverTry& t, const Arguments& arguments) {
  const std::vector<std::string> local = paths_of(arguments, "local_filepath"), remote = paths_of(arguments, "remote_filepath");
  std::string operation = arguments.string("operation", "put");
  std::ranges::transform(operation, operation.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool deletes = operation == "delete";
  if (!deletes && operation != "get" && operation != "put")
    throw TaskFailedForGood(fmt::format("the argument operation must be get, put or delete, not '{}'", operation));
  if (deletes && !local.empty()) throw TaskFailedForGood("local_filepath should not be provided for delete operation");
  if (!deletes && local.size() != remote.size()) {
    throw TaskFailedForGood(
        fmt::format("{} paths in local_filepath != {} paths in remote_filepath", local.size(), remote.size()));
  }
  if (const std::int64_t concurrency = arguments.integer("concurrency", 1); concurrency < 1)
    throw TaskFailedForGood(fmt::format("concurrency should be >= 1, got {}", concurrency));

  const std::string conn_id = arguments.string("ssh_conn_id", "sftp_default");
  SftpClient sftp(ssh_settings(t.connection(conn_id), arguments.string("remote_host")), t.stop.fd());
  for (const std::string& warning : sftp.warnings()) t.log.warning(warning);
  Transfers transfers(t, arguments, sftp);
  for (std::size_t i = 0; i < remote.size(); ++i) {
    if (deletes) {
      transfers.remove(remote[i]);
    } else if (operation == "get") {
      transfers.get(remote[i], local[i]);
    } else {
      transfers.put(local[i], remote[i]);
    }
  }
  const Value* given = arguments.find("local_filepath");
  return given == nullptr ? Value() : *given;
}

}  // namespace venturi::providers
