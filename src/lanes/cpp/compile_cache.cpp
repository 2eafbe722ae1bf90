#include "lanes/cpp/compile_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/json.h"
#include "lanes/content_key.h"

namespace venturi::lanes {

namespace {

// Sets of headers kept for one source: enough to switch between branches without compiling.
constexpr std::size_t most_entries = 8;

Array read_entries(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return {};
  auto json = parse_json(*text);
  return json && json->is_array() ? std::move(json->as_array()) : Array{};
}

}  // namespace

std::optional<CompiledSource> CompileCache::find(const std::string& key) {
  for (const Value& entry : read_entries(path_of(key))) {
    const Value* includes = entry.get("includes");
    if (includes == nullptr || !includes->is_object()) continue;
    CompiledSource compiled;
    compiled.program_hash = entry.get_string("program");
    const bool same = std::ranges::all_of(includes->as_object(), [&](const Object::Entry& include) {
      compiled.includes.push_back(include.first);
      const auto hash = index_.hash_now(include.first);
      return hash && include.second == Value(*hash);
    });
    if (same && !compiled.program_hash.empty()) return compiled;
  }
  return std::nullopt;
}

bool CompileCache::add(const std::string& key, const CompiledSource& compiled, std::int64_t started_at_ns) {
  // File times come from a clock that ticks every 10 ms at worst.
  constexpr std::int64_t tick_ns = 10'000'000;
  Object includes;
  for (const std::string& path : compiled.includes) {
    const auto stamp = stamp_of(path);
    const auto hash = index_.hash_now(path);
    if (!stamp || !hash || stamp->ctime_ns + tick_ns >= started_at_ns) return false;
    includes.set(path, *hash);
  }
  Array entries;
  entries.push_back(Object{{"includes", std::move(includes)}, {"program", compiled.program_hash}});
  for (Value& entry : read_entries(path_of(key))) {
    if (entries.size() < most_entries && !(entry == entries.front())) entries.push_back(std::move(entry));
  }
  // A cache that cannot be written costs a compilation at the next start, nothing else.
  (void)write_file(path_of(key), to_json(Value(std::move(entries))));
  return true;
}

void CompileCache::forget(const std::function<bool(const std::string&)>& is_gone) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(folder_, error)) {
    const Array entries = read_entries(file.path().string());
    if (std::ranges::all_of(entries, [&](const Value& entry) { return is_gone(entry.get_string("program")); }))
      fs::remove(file.path(), error);
  }
}

}  // namespace venturi::lanes
