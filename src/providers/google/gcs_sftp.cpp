// Files of an SFTP server to Cloud Storage and back, one after the other over a file of the worker's machine, which is gone
// afterwards: in constant memory, each there as a whole or not at all.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_download.h"
#include "providers/google/gcs_upload.h"
#include "providers/http/passing_file.h"
#include "providers/sftp/sftp_remote.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

asio::awaitable<SshSettings> settings_of_sftp(OperatorTry& t, Arguments arguments) {
  const Connection connection = co_await t.host.connection(arguments.string("sftp_conn_id", "ssh_default"));
  co_return ssh_settings(connection);
}

std::string bucket_of(const Arguments& arguments, std::string_view name) {
  std::string bucket = arguments.string(name);
  if (bucket.starts_with("gs://")) bucket.erase(0, 5);
  while (bucket.ends_with('/')) bucket.pop_back();
  return gcs_bucket(std::move(bucket), name);
}

// What stands before and behind the one "*"; nothing where there is none.
struct Wildcard {
  std::string before, behind;
  [[nodiscard]] bool fits(const std::string& path) const {
    return path.size() >= before.size() + behind.size() && path.starts_with(before) && path.ends_with(behind);
  }
};
std::optional<Wildcard> wildcard_of(const std::string& path, std::string_view argument) {
  const std::size_t star = path.find('*');
  if (star == std::string::npos) return std::nullopt;
  if (const auto stars = std::ranges::count(path, '*'); stars > 1) {
    throw TaskFailedForGood(
        fmt::format("Only one wildcard '*' is allowed in {} parameter. Found {} in {}.", argument, stars, path));
  }
  return Wildcard{path.substr(0, star), path.substr(star + 1)};
}

// Where an object goes; names are whose who may write into the bucket, and must not lead out of the folder.
std::string path_of(const std::string& object, const std::string& folder, bool keeps_folders,
                    const std::string& prefix_folder) {
  std::string name = object;
  if (!keeps_folders) {
    name = prefix_folder.empty() ? object.substr(object.rfind('/') + 1)
                                 : fs::path(object).lexically_relative(prefix_folder).string();
  }
  while (name.ends_with('/')) name.pop_back();
  const fs::path relative = fs::path("x") / fs::path(name).lexically_normal().relative_path();
  if (name.starts_with('/') || name.empty() || *relative.lexically_normal().begin() != "x" ||
      relative.lexically_normal() == "x") {
    throw TaskFailedForGood(fmt::format("the object '{}' leads out of the folder {}: it is not written", object, folder));
  }
  return sftp_joined(folder, fs::path(name).lexically_normal().string());
}

}  // namespace

asio::awaitable<Value> run_sftp_to_gcs(OperatorTry& t, Arguments arguments) {
  const std::string bucket = bucket_of(arguments, "destination_bucket"), source = arguments.string("source_path");
  if (arguments.boolean("gzip", false)) throw TaskFailedForGood("gzip is not there yet: a task above can compress the file");
  std::string target = arguments.string("destination_path");
  target.erase(0, std::min(target.find_first_not_of('/'), target.size()));
  GcsUpload how;
  how.mime_type = arguments.string("mime_type", how.mime_type);
  const auto wildcard = wildcard_of(source, "source_path");
  if (!wildcard && (source.empty() || source.ends_with('/')))
    throw TaskFailedForGood(fmt::format("the argument source_path must be a file, or a pattern with one *, not '{}'", source));
  SshSettings settings = co_await settings_of_sftp(t, arguments);
  SftpRemote sftp(t, std::move(settings));
  const auto gcs = co_await GcsClient::make(t, arguments);

  std::vector<std::pair<std::string, std::string>> pairs;
  if (wildcard) {
    const std::string base = sftp_folder_of(wildcard->before);
    const SftpTree tree = co_await sftp.tree(base);
    for (const std::string& file : tree.files) {
      const std::string path = sftp_joined(base, file);
      if (wildcard->fits(path)) pairs.emplace_back(path, sftp_joined(target, file));
    }
  } else {
    pairs.emplace_back(source, target.empty() ? source.substr(source.rfind('/') + 1) : target);
    if (!arguments.boolean("fail_on_file_not_exist", true)) {
      const auto there = co_await sftp.stat(source);
      if (!there) {
        t.log.info(fmt::format("File {} not found on SFTP server. Skipping transfer.", source));
        co_return Value();
      }
    }
  }
  const PassingFile file(t);
  for (const auto& [path, object] : pairs) {
    const GcsPlace place{bucket, object};
    (void)co_await sftp.download(path, file.path());
    const std::uint64_t size = co_await upload_file(*gcs, file.path(), place, how);
    t.log.info(fmt::format("{} is {}: {} bytes", sftp.shown(path), place.text(), size));
    if (!arguments.boolean("move_object", false)) continue;
    t.log.info("Executing delete of " + sftp.shown(path));
    co_await sftp.remove(path);
  }
  co_return Value();
}

asio::awaitable<Value> run_gcs_to_sftp(OperatorTry& t, Arguments arguments) {
  const std::string bucket = bucket_of(arguments, "source_bucket"), source = arguments.string("source_object");
  const std::string folder = arguments.string("destination_path");
  if (source.empty() || folder.empty())
    throw TaskFailedForGood("the arguments source_object and destination_path must not be empty");
  const bool keeps_folders = arguments.boolean("keep_directory_structure", true);
  const bool makes_folders = arguments.boolean("create_intermediate_dirs", true),
             moves = arguments.boolean("move_object", false);
  const auto wildcard = wildcard_of(source, "source_object");
  SshSettings settings = co_await settings_of_sftp(t, arguments);
  SftpRemote sftp(t, std::move(settings));
  const auto gcs = co_await GcsClient::make(t, arguments);

  std::vector<std::string> objects{source};
  std::string prefix_folder;
  if (wildcard) {
    prefix_folder = sftp_folder_of(wildcard->before);
    const GcsQuery query{.prefix = wildcard->before};
    objects = co_await list_names(*gcs, bucket, query);
    std::erase_if(objects, [&](const std::string& object) { return !wildcard->fits(object); });
  }
  const PassingFile file(t);
  for (const std::string& object : objects) {
    const GcsPlace place{bucket, object};
    const std::string path = path_of(object, folder, keeps_folders, prefix_folder);
    // One that stands for a folder.
    if (object.ends_with('/') && !makes_folders) {
      t.log.info(fmt::format("Skipping folder marker {} because create_intermediate_dirs is False", place.text()));
      continue;
    }
    if (object.ends_with('/')) {
      co_await sftp.make_folders(path);
    } else {
      if (makes_folders) co_await sftp.make_folders(sftp_folder_of(path));
      (void)co_await download_file(*gcs, place, file.path());
      const std::uint64_t size = co_await sftp.upload(file.path(), path, true);
      t.log.info(fmt::format("{} is {}: {} bytes", place.text(), sftp.shown(path), size));
    }
    if (!moves) continue;
    t.log.info("Executing delete of " + place.text());
    (void)co_await gcs->delete_object(place);
  }
  t.log.info(fmt::format("Done. Uploaded '{}' files to {}", objects.size(), folder));
  co_return Value();
}

}  // namespace venturi::providers
