#include "providers/google/gcs_arguments.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace venturi::providers {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailedForGood;

std::optional<std::vector<std::string>> text_or_list(const Arguments& arguments, std::string_view name) {
  const Value* given = arguments.find(name);
  if (given == nullptr) return std::nullopt;
  std::vector<std::string> list;
  const auto add = [&](const Value& text) {
    if (!text.is_string()) throw TaskFailedForGood(fmt::format("the argument {} must be a text, or a list of texts", name));
    list.push_back(text.as_string());
  };
  if (given->is_array()) {
    for (const Value& text : given->as_array()) add(text);
  } else {
    add(*given);
  }
  return list;
}

std::optional<Time> time_argument(const Arguments& arguments, std::string_view name) {
  const std::string text = arguments.string(name);
  if (text.empty()) return std::nullopt;
  const auto time = parse_time(text);
  if (!time) throw TaskFailedForGood(fmt::format("the argument {} must be a time in ISO 8601", name));
  return time;
}

GcsPlace gcs_place(const Arguments& arguments, std::string_view bucket, std::string_view object) {
  GcsPlace place{.bucket = gcs_bucket(arguments.string(bucket), bucket), .object = arguments.string(object)};
  if (place.object.empty()) throw TaskFailedForGood(fmt::format("the argument {} is empty: name an object", object));
  return place;
}

std::vector<std::string> names_of(GcsListing page) {
  if (!page.prefixes.empty()) return std::move(page.prefixes);
  std::vector<std::string> names;
  names.reserve(page.objects.size());
  for (GcsObject& object : page.objects) names.push_back(std::move(object.name));
  return names;
}

asio::awaitable<std::vector<std::string>> list_names(GcsClient& gcs, std::string bucket, GcsQuery query) {
  if (!query.match_glob.empty() && !query.delimiter.empty() && query.delimiter != "/")
    throw TaskFailedForGood("match_glob goes with no delimiter other than \"/\"");
  std::vector<std::string> all;
  for (std::string token;;) {
    GcsListing page = co_await gcs.list_page(bucket, query, token);
    token = std::move(page.next);
    std::vector<std::string> names = names_of(std::move(page));
    std::size_t bytes = 0;
    for (const std::string& name : names) bytes += sizeof(std::string) + name.capacity();
    gcs.context().memory.take(bytes, "the list of gs://" + bucket + "/" + query.prefix);
    std::ranges::move(names, std::back_inserter(all));
    if (token.empty()) co_return all;
  }
}

std::string as_folder(std::string name) {
  if (!name.empty() && !name.ends_with('/')) name += '/';
  return name;
}

}  // namespace venturi::providers
