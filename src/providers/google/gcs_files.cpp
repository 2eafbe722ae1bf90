// Files of the worker's machine and objects, there and back.
#include <glob.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "net/background.h"
#include "operators/charset.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_download.h"
#include "providers/google/gcs_upload.h"
#include "providers/http/gzipped_file.h"
#include "providers/http/target_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::uint64_t most_piece = 48UL << 20U;
constexpr std::size_t most_xcom = 49344;  // Airflow's

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Those that fit a pattern, by name.
std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOESCAPE, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

asio::awaitable<std::vector<std::string>> paths_of(Value src) {
  std::vector<std::string> given;
  if (src.is_string()) {
    given.push_back(src.as_string());
  } else if (src.is_array()) {
    for (const Value& path : src.as_array()) given.push_back(path.is_string() ? path.as_string() : std::string());
  }
  const auto is_absolute = [](const std::string& path) { return path.starts_with('/'); };
  if (given.empty() || !std::ranges::all_of(given, is_absolute))
    throw TaskFailedForGood("the argument src must be an absolute path, or a list of them: they lie on the worker's machine");
  if (!src.is_string()) co_return given;
  auto work = [pattern = given.front()] { return matching(pattern); };
  std::vector<std::string> paths = co_await net::in_background(std::move(work));
  if (paths.empty()) throw TaskFailed("there is no such file: " + given.front());
  co_return paths;
}

GcsUpload upload_of(const Arguments& arguments) {
  GcsUpload upload;
  upload.mime_type = arguments.string("mime_type", upload.mime_type);
  if (const std::int64_t size = arguments.integer("chunk_size", 0); size != 0) {
    if (size < 0 || static_cast<std::uint64_t>(size) % gcs_piece_unit != 0)
      throw TaskFailedForGood("the argument chunk_size must be a multiple of 262144");
    upload.piece_bytes = std::min(static_cast<std::uint64_t>(size), most_piece);
  }
  return upload;
}

std::string as_text(const std::string& bytes, const std::string& encoding, const GcsPlace& place) {
  auto text = operators::convert_text(bytes, encoding, "UTF-8");
  if (!text)
    throw TaskFailedForGood(fmt::format("{} is no text in {}: file_encoding says in which it is", place.text(), encoding));
  return *std::move(text);
}

std::string path_in_run(const OperatorTry& t, const GcsPlace& place) {
  const std::string name = name_of(place.object);
  if (name.empty() || name.front() == '.')
    throw TaskFailedForGood(fmt::format("{} names no file of the run: give filename", place.text()));
  if (t.run_dir->empty()) throw TaskFailed("the server gave no folder for files of the run: give filename");
  return *t.run_dir + "/" + name;
}

}  // namespace

asio::awaitable<Value> run_file_to_gcs(OperatorTry& t, Arguments arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket"), "bucket"), dst = arguments.string("dst");
  const GcsUpload upload = upload_of(arguments);
  const std::vector<std::string> paths = co_await paths_of(*arguments.find("src"));
  const bool is_folder = dst.empty() || dst.ends_with('/');
  if (!is_folder && paths.size() > 1) {
    throw TaskFailedForGood(fmt::format(
        "dst is the name of one object, and src are {} files: with a slash at its end it is a folder", paths.size()));
  }
  const auto gcs = co_await GcsClient::make(t, arguments);
  Array made;
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    const GcsPlace place{bucket, is_folder ? dst + name_of(path) : dst};
    std::optional<GzippedFile> packed;
    if (arguments.boolean("gzip", false)) packed.emplace(co_await gzip_file(t, path));
    const std::uint64_t size = co_await upload_file(*gcs, packed ? packed->path() : path, place, upload);
    t.log.info(fmt::format("File {} uploaded to {}: {} bytes", path, place.text(), size));
    if (seen.insert(place.text()).second) made.emplace_back(place.text());
  }
  co_return made;
}

asio::awaitable<Value> run_gcs_to_file(OperatorTry& t, Arguments arguments) {
  const GcsPlace place = gcs_place(arguments, "bucket", "object_name");
  std::string path = arguments.string("filename");
  const std::string xcom_key = arguments.string("store_to_xcom_key");
  if (!path.empty() && !xcom_key.empty()) throw TaskFailedForGood("Either filename or store_to_xcom_key can be set");
  if (!path.empty() && path.front() != '/')
    throw TaskFailedForGood("the argument filename must be absolute: it lies on the worker's machine");
  if (path.empty() && xcom_key.empty()) path = path_in_run(t, place);
  const auto gcs = co_await GcsClient::make(t, arguments);
  t.log.info(fmt::format("Executing download: {}, {}, {}", place.bucket, place.object, path));
  if (xcom_key.empty()) {
    const std::uint64_t size = co_await download_file(*gcs, place, path);
    t.log.info(fmt::format("{} bytes", size));
    co_return path;
  }
  const auto object = co_await gcs->find(place);
  if (!object) throw TaskFailed(fmt::format("GCS: GET {}: there is no such object", place.text()));
  if (object->size >= most_xcom)
    throw TaskFailed(fmt::format("{}: The size of the downloaded file is too large to push to XCom!", place.text()));
  std::string text = as_text(co_await gcs->read(place, most_xcom), arguments.string("file_encoding", "utf-8"), place);
  (void)co_await t.host.ask(operators::set_xcom(t.facts, xcom_key, std::move(text)));
  co_return Value();
}

}  // namespace venturi::providers
