#include "lanes/file_index.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/crypto.h"
#include "base/json.h"

namespace venturi::lanes {

namespace {

// Well above the tick that kernels stamp files with (at most 10 ms).
constexpr std::int64_t settled_after_ns = 100'000'000;

}  // namespace

std::int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

FileIndex::FileIndex(std::string path) : path_(std::move(path)) {
  const auto text = read_file(path_);
  if (!text) return;
  const auto json = parse_json(*text);
  if (!json || !json->is_object()) return;
  for (const auto& [file, row] : json->as_object()) {
    if (!row.is_array() || row.as_array().size() != 5) continue;
    const Array& a = row.as_array();
    if (!a[0].is_int() || !a[1].is_int() || !a[2].is_int() || !a[3].is_int() || !a[4].is_string()) continue;
    entries_[file] = {
        {static_cast<std::uint64_t>(a[0].as_int()), static_cast<std::uint64_t>(a[1].as_int()), a[2].as_int(), a[3].as_int()},
        a[4].as_string(),
        false};
  }
}

std::optional<std::string> FileIndex::find(const std::string& file, const FileStamp& stamp) {
  const auto it = entries_.find(file);
  if (it == entries_.end() || it->second.stamp != stamp) return std::nullopt;
  it->second.used = true;
  return it->second.hash;
}

void FileIndex::remember(const std::string& file, const FileStamp& stamp, std::string hash, std::int64_t read_at_ns) {
  const std::int64_t age = read_at_ns - std::max(stamp.mtime_ns, stamp.ctime_ns);
  changed_ = true;
  if (age < settled_after_ns) {
    entries_.erase(file);
    return;
  }
  entries_[file] = {stamp, std::move(hash), true};
}

Result<std::string> FileIndex::hash_now(const std::string& file) {
  const auto stamp = stamp_of(file);
  if (!stamp) return fail(ErrorKind::not_found, "no such file", file);
  if (auto known = find(file, *stamp)) return *known;
  const std::int64_t now = wall_clock_ns();
  const auto content = read_file(file);
  if (!content) return std::unexpected(content.error());
  std::string hash = sha256_hex(*content);
  remember(file, *stamp, hash, now);
  return hash;
}

Result<void> FileIndex::save(bool forget_unused) {
  if (forget_unused && std::erase_if(entries_, [](const auto& e) { return !e.second.used; }) > 0) changed_ = true;
  if (!changed_) return {};
  Object object;
  object.reserve(entries_.size());
  for (const auto& [file, e] : entries_)
    object.add(file, Array{e.stamp.inode, e.stamp.size, e.stamp.mtime_ns, e.stamp.ctime_ns, e.hash});
  auto written = write_file(path_, to_json(Value(std::move(object))));
  if (written) changed_ = false;
  return written;
}

}  // namespace venturi::lanes
