// SFTPSensor: a file or folder of a server, or files of a folder by a pattern. Each poke is a connection of its own: between
// them there may be hours.
#include <fnmatch.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/sftp/sftp.h"
#include "providers/sftp/sftp_client.h"
#include "providers/sftp/sftp_files.h"
#include "providers/ssh/ssh_beside.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Poke;
using operators::TaskFailedForGood;

struct Sought {
  std::string path, pattern;
  std::optional<Time> newer_than;
};
struct Found {
  std::vector<std::string> paths, notes, warnings;
};

void add(Found& found, const Sought& sought, std::string path, const SftpAttributes& attributes) {
  if (sought.newer_than) {
    const bool is_new = attributes.has_times && *sought.newer_than <= attributes.modified;
    found.notes.push_back(fmt::format("File {} has modification time: '{}', which is {} than: '{}'", path,
                                      attributes.has_times ? format_time(attributes.modified) : "unknown",
                                      is_new ? "newer" : "older", format_time(*sought.newer_than)));
    if (!is_new) return;
  }
  found.paths.push_back(std::move(path));
}

Found look_for(SshSettings settings, const Sought& sought, int stop) {
  SftpClient sftp(std::move(settings), stop);
  Found found;
  found.warnings = sftp.warnings();
  if (sought.pattern.empty()) {
    if (const auto there = sftp.stat(sought.path)) add(found, sought, sought.path, *there);
    return found;
  }
  if (!sftp.stat(sought.path)) return found;
  for (const SftpEntry& entry : sftp.list(sought.path)) {
    // As Python's: a backslash is one.
    if (::fnmatch(sought.pattern.c_str(), entry.name.c_str(), FNM_NOESCAPE) == 0)
      add(found, sought, sftp_joined(sought.path, entry.name), entry.attributes);
  }
  return found;
}

}  // namespace

asio::awaitable<Poke> poke_sftp(operators::OperatorTry& t, const operators::Arguments& arguments) {
  Sought sought{.path = arguments.string("path"), .pattern = arguments.string("file_pattern"), .newer_than = {}};
  if (sought.path.empty() || sought.path.find('\0') != std::string::npos)
    throw TaskFailedForGood("the argument path must be the path of a file or folder of the server");
  if (const std::string text = arguments.string("newer_than"); !text.empty()) {
    sought.newer_than = parse_time(text);
    if (!sought.newer_than) throw TaskFailedForGood("the argument newer_than must be a time in ISO 8601, not '" + text + "'");
  }
  const Connection connection = co_await t.host.connection(arguments.string("sftp_conn_id", "sftp_default"));
  t.log.info(fmt::format("Poking for {}, with pattern {}", sought.path, sought.pattern));
  auto work = [settings = ssh_settings(connection), sought](int stop) { return look_for(settings, sought, stop); };
  const Found found = co_await beside_ssh(std::move(work));
  for (const std::string& warning : found.warnings) t.log.warning(warning);
  for (const std::string& note : found.notes) t.log.info(note);
  if (found.paths.empty()) co_return Poke{};
  co_return Poke{true, Array(found.paths.begin(), found.paths.end())};
}

}  // namespace venturi::providers
