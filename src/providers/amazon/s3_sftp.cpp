// Files of an SFTP server to S3 and back, one after the other over a file of the worker's machine, which is gone afterwards: in
// constant memory, each there as a whole or not at all.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_arguments.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_download.h"
#include "providers/amazon/s3_upload.h"
#include "providers/http/passing_file.h"
#include "providers/sftp/sftp_remote.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// Of sftp_filenames and s3_filenames: names, or what names begin with.
struct GivenNames {
  bool is_given = false, is_prefix = false;
  std::string prefix;
  std::vector<std::string> names;
};
GivenNames given_names(const Arguments& arguments, std::string_view argument) {
  GivenNames given;
  const Value* value = arguments.find(argument);
  if (value == nullptr) return given;
  if (value->is_string()) {
    given.prefix = value->as_string();
    given.is_prefix = given.is_given = !given.prefix.empty();
    return given;
  }
  const auto is_text = [](const Value& name) { return name.is_string() && !name.as_string().empty(); };
  if (!value->is_array() || !std::ranges::all_of(value->as_array(), is_text))
    throw TaskFailedForGood(fmt::format("the argument {} must be a text, or a list of names", argument));
  for (const Value& name : value->as_array()) given.names.push_back(name.as_string());
  given.is_given = !given.names.empty();
  return given;
}

// What comes of the names in `there`, of those that fit: pairs of source and target, relative.
using Pairs = std::vector<std::pair<std::string, std::string>>;
Pairs pairs_of(const GivenNames& source, const GivenNames& target, const std::vector<std::string>& there) {
  Pairs pairs;
  if (source.is_prefix) {
    if (target.is_given && !target.is_prefix)
      throw TaskFailedForGood("the target's names are a list, and the source's are not: give both as lists, or both as texts");
    const std::string prefix = source.prefix == "*" ? std::string() : source.prefix;
    for (const std::string& path : there) {
      const std::size_t begin = path.rfind('/') + 1;  // npos + 1 is 0
      const std::string name = path.substr(begin);
      if (name.empty() || !name.starts_with(prefix)) continue;
      const bool is_renamed = target.is_prefix && !prefix.empty();
      pairs.emplace_back(path, path.substr(0, begin) + (is_renamed ? target.prefix + name.substr(prefix.size()) : name));
    }
    return pairs;
  }
  if (target.is_prefix || (target.is_given && target.names.size() != source.names.size())) {
    throw TaskFailedForGood(
        fmt::format("there are {} names at the source, and {} at the target: give as many, in the same order",
                    source.names.size(), target.is_prefix ? 1 : target.names.size()));
  }
  for (std::size_t i = 0; i < source.names.size(); ++i)
    pairs.emplace_back(source.names[i], target.is_given ? target.names[i] : source.names[i]);
  return pairs;
}

// "s3://bucket/key" without the bucket, which is an argument of its own.
std::string key_of(const Arguments& arguments) {
  std::string key = arguments.string("s3_key");
  if (const std::size_t scheme = key.find("://"); scheme != std::string::npos) {
    const std::size_t slash = key.find('/', scheme + 3);
    key = slash == std::string::npos ? std::string() : key.substr(slash);
  }
  key.erase(0, std::min(key.find_first_not_of('/'), key.size()));
  return key;
}

asio::awaitable<SshSettings> settings_of(OperatorTry& t, Arguments arguments) {
  const Connection connection = co_await t.host.connection(arguments.string("sftp_conn_id", "ssh_default"));
  co_return ssh_settings(connection, arguments.string("sftp_remote_host"));
}

void expect_within(const std::string& name) {
  const std::string framed = "/" + name + "/";
  if (framed.find("/../") != std::string::npos)
    throw TaskFailedForGood(fmt::format("the name '{}' leads out of sftp_path: it is not written", name));
}

void rename_argument(Arguments& arguments, std::string_view from, std::string_view to) {
  if (const Value* given = arguments.find(from)) {
    Value value = *given;
    arguments.set(to, std::move(value));
  }
}

}  // namespace

asio::awaitable<Value> run_sftp_to_s3(OperatorTry& t, Arguments arguments) {
  if (arguments.boolean("gzip", false)) throw TaskFailedForGood("gzip is not there yet: a task above can compress the file");
  rename_argument(arguments, "s3_conn_id", "aws_conn_id");
  const GivenNames from = given_names(arguments, "sftp_filenames"), to = given_names(arguments, "s3_filenames");
  const std::string folder = arguments.string("sftp_path");
  const S3Place bucket = s3_place(arguments.string("s3_bucket"), key_of(arguments), "s3_bucket", "s3_key");
  SshSettings settings = co_await settings_of(t, arguments);
  SftpRemote sftp(t, std::move(settings));
  const auto s3 = co_await S3Client::make(t, arguments);

  Pairs pairs;
  if (from.is_prefix) {
    t.log.info("Getting files in " + folder);
    const std::vector<std::string> there = co_await sftp.files_in(folder);
    pairs = pairs_of(from, to, there);
    for (auto& [path, key] : pairs) path = sftp_joined(folder, path);
  } else if (from.is_given) {
    pairs = pairs_of(from, to, {});
    for (auto& [path, key] : pairs) path.insert(0, folder);
  } else {
    pairs.emplace_back(folder, "");
  }
  const bool must_exist = arguments.boolean("fail_on_file_not_exist", true), replaces = arguments.boolean("replace", false);
  const net::HttpHeaders headers = object_headers(arguments);
  const PassingFile file(t);
  for (const auto& [path, name] : pairs) {
    const S3Place place{bucket.bucket, bucket.key + name};
    if (!must_exist) {
      const auto there = co_await sftp.stat(path);
      if (!there) {
        t.log.info(fmt::format("File {} not found on SFTP server. Skipping transfer.", path));
        continue;
      }
    }
    if (!replaces) co_await s3->check_is_free(place);
    (void)co_await sftp.download(path, file.path());
    const std::uint64_t size = co_await upload_file(*s3, file.path(), place, headers);
    t.log.info(fmt::format("{} is {}: {} bytes", sftp.shown(path), place.text(), size));
  }
  co_return Value();
}

asio::awaitable<Value> run_s3_to_sftp(OperatorTry& t, Arguments arguments) {
  const GivenNames from = given_names(arguments, "s3_filenames"), to = given_names(arguments, "sftp_filenames");
  const std::string folder = arguments.string("sftp_path"), key = key_of(arguments);
  const S3Place bucket = s3_place(arguments.string("s3_bucket"), "", "s3_bucket", "s3_key");
  if (folder.empty())
    throw TaskFailedForGood("the argument sftp_path is empty: name a file, or a folder with a slash at its end");
  SshSettings settings = co_await settings_of(t, arguments);
  SftpRemote sftp(t, std::move(settings));
  const auto s3 = co_await S3Client::make(t, arguments);

  Pairs pairs;
  if (from.is_prefix) {
    t.log.info(fmt::format("Getting files in s3://{}/{}", bucket.bucket, key));
    const S3Query query{.prefix = key};
    const S3Listing listing = co_await s3->list(bucket.bucket, query);
    std::vector<std::string> names;
    for (const S3Object& object : listing.objects) names.push_back(object.key.substr(key.size()));
    pairs = pairs_of(from, to, names);
  } else if (from.is_given) {
    pairs = pairs_of(from, to, {});
  } else {
    pairs.emplace_back("", "");
  }
  const bool must_exist = arguments.boolean("fail_on_file_not_exist", true), confirm = arguments.boolean("confirm", true);
  const PassingFile file(t);
  for (const auto& [source, target] : pairs) {
    expect_within(target);
    const S3Place place{bucket.bucket, key + source};
    const std::string path = folder + target;
    const auto there = co_await s3->head(place);
    if (!there && must_exist) throw TaskFailed(fmt::format("S3: GET {}: there is no such object", place.text()));
    if (!there) {
      t.log.info(fmt::format("Key {} not found in S3. Skipping transfer.", place.text()));
      continue;
    }
    (void)co_await download_file(*s3, place, file.path());
    // Keys have folders in them that nobody made.
    if (target.find('/') != std::string::npos) co_await sftp.make_folders(sftp_folder_of(path));
    const std::uint64_t size = co_await sftp.upload(file.path(), path, confirm);
    t.log.info(fmt::format("{} is {}: {} bytes", place.text(), sftp.shown(path), size));
  }
  co_return Value();
}

}  // namespace venturi::providers
