// Waiting for keys.
#include <fnmatch.h>

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_client.h"
#include "providers/http/settling.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailedForGood;

std::vector<S3Place> places_of(const Arguments& arguments) {
  const Value* given = arguments.find("bucket_key");
  std::vector<S3Place> places;
  const auto add = [&](const Value& key) {
    if (!key.is_string()) throw TaskFailedForGood("the argument bucket_key must be a key, or a list of keys");
    places.push_back(s3_place(arguments.string("bucket_name"), key.as_string(), "bucket_name", "bucket_key"));
    if (places.back().key.empty()) throw TaskFailedForGood("the argument bucket_key names no key");
  };
  if (given->is_array()) {
    for (const Value& key : given->as_array()) add(key);
  } else {
    add(*given);
  }
  if (places.empty()) throw TaskFailedForGood("the argument bucket_key is empty: give at least one key");
  return places;
}

// A page at a time, until one fits.
asio::awaitable<bool> has_match(S3Client& s3, S3Place pattern) {
  const S3Query query{.prefix = pattern.key.substr(0, pattern.key.find_first_of("*[?"))};
  for (std::string token;;) {
    S3Listing page = co_await s3.list_page(pattern.bucket, query, token);
    for (const S3Object& object : page.objects) {
      if (::fnmatch(pattern.key.c_str(), object.key.c_str(), FNM_NOESCAPE) == 0) co_return true;
    }
    if (page.next.empty()) co_return false;
    token = std::move(page.next);
  }
}

asio::awaitable<bool> is_there(S3Client& s3, S3Place place, bool is_pattern) {
  if (is_pattern) co_return co_await has_match(s3, std::move(place));
  const auto head = co_await s3.head(std::move(place));
  co_return head.has_value();
}

}  // namespace

asio::awaitable<Poke> poke_s3_key(OperatorTry& t, const Arguments& arguments) {
  const std::vector<S3Place> places = places_of(arguments);
  const bool is_pattern = arguments.boolean("wildcard_match", false);
  const auto s3 = co_await S3Client::make(t, arguments);
  for (const S3Place& place : places) {
    t.log.info("Poking for key : " + place.text());
    if (!co_await is_there(*s3, place, is_pattern)) co_return Poke{};
  }
  co_return Poke{true, {}};
}

asio::awaitable<Poke> poke_s3_keys_unchanged(OperatorTry& t, const Arguments& arguments) {
  struct Kept {
    std::shared_ptr<S3Client> s3;
    Settling settling;
  };
  const S3Place place = s3_place(arguments.string("bucket_name"), "", "bucket_name", "prefix");
  Settling from_now(arguments);
  if (t.between_pokes == nullptr) {
    auto s3 = co_await S3Client::make(t, arguments);
    t.between_pokes = std::make_shared<Kept>(Kept{std::move(s3), std::move(from_now)});
  }
  const auto kept = std::static_pointer_cast<Kept>(t.between_pokes);
  const S3Query query{.prefix = arguments.string("prefix")};
  const S3Listing listing = co_await kept->s3->list(place.bucket, query);
  std::set<std::string> names;
  for (const S3Object& object : listing.objects) names.insert(object.key);
  co_return Poke{kept->settling.has_settled(place.bucket + "/" + query.prefix, std::move(names), t.log), {}};
}

}  // namespace venturi::providers
