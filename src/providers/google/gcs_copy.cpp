// GCSToGCSOperator: objects copied or moved on the server, with Airflow's rules for the names that they get.
#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_rewrite.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// Python's text.replace(old, new, 1).
std::string replaced_once(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  return at == std::string::npos ? text : text.replace(at, old.size(), by);
}

std::string without_slashes_at_end(std::string text) {
  text.erase(text.find_last_not_of('/') + 1);
  return text;
}

struct What {
  std::string source_bucket, destination_bucket;
  std::optional<std::string> destination;
  std::string delimiter, match_glob;
  bool move = false, replace = true, exact = false, required = false;
  std::optional<Time> after, before;
  double older_than = 0;  // seconds; zero: any age
};

What read_arguments(const Arguments& arguments) {
  What what;
  what.source_bucket = gcs_bucket(arguments.string("source_bucket"), "source_bucket");
  what.destination_bucket = arguments.find("destination_bucket") == nullptr
                                ? what.source_bucket
                                : gcs_bucket(arguments.string("destination_bucket"), "destination_bucket");
  if (arguments.find("destination_object") != nullptr) what.destination = arguments.string("destination_object");
  what.delimiter = arguments.string("delimiter");
  what.match_glob = arguments.string("match_glob");
  what.move = arguments.boolean("move_object", false);
  what.replace = arguments.boolean("replace", true);
  what.exact = arguments.boolean("exact_match", false);
  what.required = arguments.boolean("source_object_required", false);
  what.after = time_argument(arguments, "last_modified_time");
  what.before = time_argument(arguments, "maximum_modified_time");
  what.older_than = arguments.number("is_older_than", 0);
  if (arguments.find("retain_until_time") != nullptr)
    throw TaskFailedForGood("retain_until_time is not there yet: a rule of the bucket can retain what comes into it");
  return what;
}

std::vector<std::string> sources_of(const Arguments& arguments) {
  const std::string one = arguments.string("source_object");
  std::vector<std::string> sources = text_or_list(arguments, "source_objects").value_or(std::vector<std::string>());
  if (!one.empty() && !sources.empty()) throw TaskFailedForGood("give either source_object or source_objects, not both");
  if (!one.empty()) return {one};
  if (sources.empty()) throw TaskFailedForGood("You must set source_object parameter or source_objects parameter. None set");
  if (std::ranges::count(sources, "") > 1) throw TaskFailedForGood("You can't have two empty strings inside source_object");
  return sources;
}

class Copying {
 public:
  Copying(OperatorTry& t, GcsClient& gcs, What what) : t_(t), gcs_(gcs), what_(std::move(what)) {}

  asio::awaitable<void> copy(std::string source) {
    if (source.find('*') == std::string::npos) return copy_below(std::move(source));
    return copy_matching(std::move(source));
  }
  // What was made, once each; no folders.
  [[nodiscard]] Array made() const {
    Array list;
    std::set<std::string_view> seen;
    for (const std::string& uri : made_) {
      if (!uri.ends_with('/') && seen.insert(uri).second) list.emplace_back(uri);
    }
    return list;
  }

 private:
  // One "*": what begins with the text before it and ends with the text behind it.
  asio::awaitable<void> copy_matching(std::string pattern) {
    const std::size_t star = pattern.find('*');
    if (pattern.find('*', star + 1) != std::string::npos) {
      throw TaskFailedForGood(
          fmt::format("only one * is allowed in source_object, and \"{}\" has more: match_glob takes any number", pattern));
    }
    const std::string prefix = pattern.substr(0, star), suffix = pattern.substr(star + 1);
    std::vector<std::string> names = co_await names_below(what_.source_bucket, {.prefix = prefix});
    std::erase_if(names, [&](const std::string& name) { return !name.ends_with(suffix); });
    if (!what_.replace) names = co_await those_that_are_new(std::move(names), prefix);
    for (const std::string& name : names)
      co_await copy_one(name, what_.destination ? replaced_once(name, prefix, *what_.destination) : name);
  }

  asio::awaitable<void> copy_below(std::string prefix) {
    const GcsQuery query{.prefix = prefix, .delimiter = what_.delimiter, .match_glob = what_.match_glob};
    std::vector<std::string> names = co_await names_below(what_.source_bucket, query);
    if (what_.exact) std::erase_if(names, [&](const std::string& name) { return name != prefix; });
    if (!what_.replace) names = co_await those_that_are_new(std::move(names), prefix);
    if (names.empty()) co_return co_await copy_what_is_not_listed(std::move(prefix));
    if (names.size() == 1 && !names.front().ends_with('/')) co_return co_await copy_one(names.front(), alone(names.front()));
    co_await copy_many(std::move(names), std::move(prefix));
  }

  // A delimiter or a glob may hide the object itself.
  asio::awaitable<void> copy_what_is_not_listed(std::string name) {
    if (name.empty()) co_return;
    const bool is_there = (co_await gcs_.find({what_.source_bucket, name})).has_value();
    if (!is_there && what_.required) throw TaskFailed(fmt::format("{} does not exist in bucket {}", name, what_.source_bucket));
    if (!is_there) co_return;
    const std::string target = what_.destination && !what_.destination->empty() ? *what_.destination : name;
    if (!what_.replace && co_await gcs_.find({what_.destination_bucket, target})) {
      t_.log.info(fmt::format("Skipped object {}; already exists in destination bucket {}.", target, what_.destination_bucket));
      co_return;
    }
    co_await copy_one(std::move(name), target);
  }

  asio::awaitable<void> copy_many(std::vector<std::string> names, std::string prefix) {
    const std::string folder = without_slashes_at_end(prefix);
    const auto is_in_it = [&](const std::string& name) { return replaced_once(name, folder, "").starts_with('/'); };
    const bool is_folder = prefix.ends_with('/') || std::ranges::all_of(names, is_in_it);
    const std::string base = is_folder ? folder + "/" : prefix.substr(0, prefix.rfind('/') + 1);
    for (const std::string& name : names) {
      std::string target = name;
      if (what_.destination) {
        target = without_slashes_at_end(*what_.destination) + "/";
        target += base.empty() ? name : replaced_once(name, base, "");
      }
      co_await copy_one(name, std::move(target));
    }
  }

  [[nodiscard]] std::string alone(const std::string& name) const {
    if (!what_.destination || what_.destination->empty()) return name;
    if (!what_.destination->ends_with('/')) return *what_.destination;
    return *what_.destination + name.substr(name.rfind('/') + 1);
  }

  asio::awaitable<std::vector<std::string>> names_below(std::string bucket, GcsQuery query) {
    return list_names(gcs_, std::move(bucket), std::move(query));
  }

  // Without those of whose names there is one at the destination.
  asio::awaitable<std::vector<std::string>> those_that_are_new(std::vector<std::string> names, std::string prefix) {
    const std::string below = what_.destination.value_or(prefix);
    std::set<std::string> there;
    const GcsQuery query{.prefix = below, .delimiter = what_.delimiter, .match_glob = what_.match_glob};
    for (std::string& name : co_await names_below(what_.destination_bucket, query))
      there.insert(what_.destination ? replaced_once(std::move(name), below, prefix) : std::move(name));
    std::erase_if(names, [&](const std::string& name) { return there.contains(name); });
    co_return names;
  }

  [[nodiscard]] bool has_a_time() const { return what_.older_than > 0 || what_.after || what_.before; }
  [[nodiscard]] bool is_of_its_time(const GcsObject& object) const {
    if (what_.older_than > 0) return object.updated < SystemClock().now() - from_seconds(what_.older_than);
    return (!what_.after || object.updated > *what_.after) && (!what_.before || object.updated < *what_.before);
  }

  asio::awaitable<void> copy_one(std::string name, std::string target) {
    const GcsPlace from{what_.source_bucket, name}, to{what_.destination_bucket, std::move(target)};
    GcsCondition condition;
    // What came there meanwhile stays too.
    if (!what_.replace) condition.generation = "0";
    if (has_a_time() || what_.move) {
      const auto object = co_await gcs_.find(from);
      if (!object) throw TaskFailed(fmt::format("GCS: {}: there is no such object any more", from.text()));
      if (!is_of_its_time(*object)) co_return;
      // What is deleted afterwards is what was copied.
      if (what_.move) condition.source_generation = object->generation;
    }
    t_.log.info(fmt::format("Executing copy of {} to {}", from.text(), to.text()));
    const bool is_made = co_await copy_unless_there(from, to, condition);
    if (!is_made) co_return;
    if (what_.move && !co_await gcs_.delete_object(from, {}, {.generation = condition.source_generation}))
      t_.log.warning(fmt::format("Object {} does not exist in the source bucket {}", name, what_.source_bucket));
    made_.push_back(to.text());
  }

  asio::awaitable<bool> copy_unless_there(GcsPlace from, GcsPlace to, GcsCondition condition) {
    try {
      co_await copy_object(gcs_, from, to, condition);
      co_return true;
    } catch (const GoogleRefused& e) {
      // With replace it is the source that is another one.
      if (e.status != google_status::precondition_failed || what_.replace || what_.move) throw;
    }
    t_.log.info(fmt::format("Skipped object {}; already exists in destination bucket {}.", to.object, to.bucket));
    co_return false;
  }

  OperatorTry& t_;
  GcsClient& gcs_;
  What what_;
  std::vector<std::string> made_;
};

}  // namespace

asio::awaitable<Value> run_gcs_to_gcs(OperatorTry& t, Arguments arguments) {
  What what = read_arguments(arguments);
  const std::vector<std::string> sources = sources_of(arguments);
  const auto gcs = co_await GcsClient::make(t, arguments);
  Copying copying(t, *gcs, std::move(what));
  for (const std::string& source : sources) co_await copying.copy(source);
  co_return copying.made();
}

}  // namespace venturi::providers
