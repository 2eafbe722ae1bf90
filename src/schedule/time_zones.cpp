// The only file of this folder that reads anything: the zone files that TimeZones::add() is asked for.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <system_error>

#include "base/edit_distance.h"
#include "schedule/time_zone.h"
#include "schedule/user_timetable.h"

namespace venturi::schedule {
namespace {

namespace fs = std::filesystem;

// "+02:00", "-0330", "+01:00:30", or a number of seconds.
std::optional<std::chrono::seconds> fixed_offset(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const bool has_sign = name.front() == '+' || name.front() == '-';
  const int sign = name.front() == '-' ? -1 : 1;
  const std::string_view rest = has_sign ? name.substr(1) : name;
  std::string digits;
  bool has_colon = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == ':' && (i == 2 || i == 5)) {
      has_colon = true;
    } else if (rest[i] >= '0' && rest[i] <= '9') {
      digits += rest[i];
    } else {
      return std::nullopt;
    }
  }
  if (digits.empty() || digits.size() > 6) return std::nullopt;
  long seconds = 0;
  if (has_colon) {
    if (!has_sign || digits.size() % 2 != 0 || digits.size() < 4 || rest.back() == ':') return std::nullopt;
    const long h = std::stol(digits.substr(0, 2)), m = std::stol(digits.substr(2, 2));
    const long s = digits.size() == 6 ? std::stol(digits.substr(4)) : 0;
    if (m > 59 || s > 59) return std::nullopt;
    seconds = h * 3600 + m * 60 + s;
  } else {
    seconds = std::stol(digits);
  }
  if (seconds >= 86'400) return std::nullopt;
  return std::chrono::seconds{sign * seconds};
}

bool is_utc(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'u' && (name[1] | 0x20) == 't' && (name[2] | 0x20) == 'c';
}

// A relative path of plain names: nothing that leaves the folder.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.front() == '/' || name.back() == '/') return false;
  if (name.find("..") != std::string_view::npos || name.find("//") != std::string_view::npos) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' ||
           c == '/' || c == '.';
  });
}

std::string lower(std::string_view text) {
  std::string s(text);
  std::ranges::transform(s, s.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return s;
}

// For the error only: walks the folder. A name counts as near whole or by its last part ("Berlin").
std::string near_names(const fs::path& folder, std::string_view name) {
  const std::string wanted = lower(name);
  std::vector<std::pair<std::size_t, std::string>> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) {
      if (it->path().filename() == "posix" || it->path().filename() == "right") it.disable_recursion_pending();
      continue;
    }
    const std::string candidate = it->path().lexically_relative(folder).string();
    const std::string city = it->path().filename().string();
    if (candidate.find('.') != std::string::npos) continue;  // tables such as zone.tab
    found.emplace_back(std::min(edit_distance(wanted, lower(candidate)), edit_distance(wanted, lower(city))), candidate);
  }
  std::ranges::sort(found);
  std::string text;
  for (std::size_t i = 0; i < found.size() && i < 3 && found[i].first <= 3; ++i) {
    text += (text.empty() ? "" : ", ") + found[i].second;
  }
  return text;
}

}  // namespace

struct TimeZones::State {
  fs::path folder;  // empty: UTC and fixed offsets only
  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>> zones;
};

TimeZones::TimeZones() : state_(std::make_unique<State>()) {
  state_->zones.emplace("UTC", std::make_shared<const TimeZone>(TimeZone::fixed({}, "UTC")));
}
TimeZones::TimeZones(TimeZones&&) noexcept = default;
TimeZones& TimeZones::operator=(TimeZones&&) noexcept = default;
TimeZones::~TimeZones() = default;

TimeZones TimeZones::utc_only() {
  return {};
}

Result<TimeZones> TimeZones::load(std::string_view zoneinfo) {
  std::error_code error;
  if (!fs::is_directory(zoneinfo, error)) {
    return fail(ErrorKind::not_found, "there is no time-zone data in " + std::string(zoneinfo), {},
                "install it (Debian: apt-get install tzdata)");
  }
  TimeZones zones;
  zones.state_->folder = zoneinfo;
  return zones;
}

Result<void> TimeZones::add(std::string_view name) {
  if (is_utc(name) || fixed_offset(name)) return {};
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->zones.contains(name)) return {};
  }
  const auto unknown = [&] {
    const std::string near = state_->folder.empty() ? "" : near_names(state_->folder, name);
    return fail(ErrorKind::not_found, "no time zone \"" + std::string(name) + "\"", {},
                near.empty() ? "names are those of the IANA database, such as Europe/Berlin" : "did you mean " + near + "?");
  };
  if (!is_zone_name(name) || state_->folder.empty()) return unknown();
  const fs::path path = state_->folder / name;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return unknown();
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return fail(ErrorKind::unavailable, "cannot read " + path.string(), "time zone " + std::string(name),
                "check the file's permissions");
  }
  if (!bytes.starts_with("TZif")) return unknown();  // tables such as zone.tab lie beside the zones
  auto zone = TimeZone::from_tzif(bytes, std::string(name));
  if (!zone) return std::unexpected(std::move(zone.error()));
  const std::lock_guard lock(state_->mutex);
  state_->zones.emplace(name, std::make_shared<const TimeZone>(std::move(*zone)));
  return {};
}

Result<void> TimeZones::add_for(const Value& serialized_timetable) {
  const Value* var = serialized_timetable.get("__var");
  // What a class of the user's keeps there has meanings of its own.
  if (var == nullptr || serialized_timetable.get_string("__type").starts_with(user_timetables)) return {};
  if (const Value* zone = var->get("timezone"); zone != nullptr && zone->is_string()) {
    if (auto added = add(zone->as_string()); !added) return added;
  }
  if (const Value* inner = var->get("timetable")) return add_for(*inner);  // AssetOrTimeSchedule
  // Partition mappers, which may hold others.
  for (const char* member : {"default_partition_mapper", "upstream_mapper", "downstream_mapper"}) {
    const Value* inner = var->get(member);
    if (auto added = inner == nullptr || !inner->is_object() ? Result<void>() : add_for(*inner); !added) return added;
  }
  for (const char* member : {"mappers", "partition_mapper_config"}) {
    const Value* list = var->get(member);
    if (list == nullptr || !list->is_array()) continue;
    for (const Value& one : list->as_array()) {
      const Value& mapper = one.is_array() && !one.as_array().empty() ? one.as_array().back() : one;
      if (auto added = mapper.is_object() ? add_for(mapper) : Result<void>(); !added) return added;
    }
  }
  return {};
}

Result<std::shared_ptr<const TimeZone>> TimeZones::find(std::string_view name) const {
  {
    const std::lock_guard lock(state_->mutex);
    if (const auto found = state_->zones.find(is_utc(name) ? "UTC" : name); found != state_->zones.end()) return found->second;
  }
  if (const auto offset = fixed_offset(name))
    return std::make_shared<const TimeZone>(TimeZone::fixed(*offset, std::string(name)));
  return fail(ErrorKind::not_found, "no time zone \"" + std::string(name) + "\" is loaded", {},
              "names are those of the IANA database, such as Europe/Berlin");
}

}  // namespace venturi::schedule
