// The tasks of the tests of S3Hook and GCSHook: what a task returns is compared.
#include <venturi/dag.h>
#include <venturi/hooks.h>

#include <fstream>
#include <iterator>

using namespace venturi;

namespace {

template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const HookError& e) {
    return std::string(e.what()) + " " + to_json(e.detail());
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no error";
}

// Bytes of all kinds, another text each.
std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  return bytes;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Value list_of(const std::vector<std::string>& texts) {
  return Array(texts.begin(), texts.end());
}

Array s3(const Context& context) {
  const S3Hook s3(context, "lake");
  Array seen;
  seen.push_back(s3.check_for_bucket("hooked"));
  s3.create_bucket("hooked");
  s3.create_bucket("hooked");
  seen.push_back(s3.check_for_bucket("hooked"));
  for (const char* key : {"in/a.csv", "in/b.csv", "in/2026/c.csv", "top +%ü"}) s3.load_string("x,1\n", key, "hooked");
  seen.push_back(list_of(s3.list_keys("hooked")));
  seen.push_back(list_of(s3.list_keys("hooked", {.prefix = "in/", .delimiter = "/"})));
  seen.push_back(list_of(s3.list_keys("hooked", {.prefix = "in/[ab].c*", .apply_wildcard = true})));
  seen.push_back(list_of(s3.list_keys("hooked", {.start_after_key = "in/a.csv", .max_items = 1})));
  seen.push_back(list_of(s3.list_keys("hooked", {.to_datetime = parse_time("2020-01-01")})));
  seen.push_back(list_of(s3.list_prefixes("hooked", "in/")));
  seen.push_back(s3.check_for_prefix("hooked", "in") && !s3.check_for_prefix("hooked", "out"));
  seen.push_back(s3.check_for_key("s3://hooked/top +%ü") && !s3.check_for_key("none", "hooked"));
  seen.push_back(s3.check_for_wildcard_key("s3://hooked/in/*/c.*") && !s3.check_for_wildcard_key("*.txt", "hooked"));
  const auto head = s3.head_object("in/a.csv", "hooked");
  seen.push_back(Object{{"size", head->size}, {"type", head->content_type}, {"has_time", head->last_modified.has_value()}});
  const std::vector<S3Object> facts = s3.get_file_metadata("in/a", "hooked");
  seen.push_back(facts.size() == 1 && facts[0].key == "in/a.csv" && facts[0].size == 4 && facts[0].etag == head->etag);
  seen.push_back(error_of([&] { s3.load_string("y", "in/a.csv", "hooked"); }));
  s3.load_string("y", "s3://hooked/in/a.csv", {}, {.replace = true, .acl_policy = "private", .content_type = "text/csv"});
  seen.push_back(s3.read_key("in/a.csv", "hooked") + " " + s3.head_object("in/a.csv", "hooked")->content_type);
  s3.copy_object("in/a.csv", "s3://hooked/out/copy", {.source_bucket_name = "hooked"});
  seen.push_back(s3.read_key("s3://hooked/out/copy"));
  s3.delete_objects("hooked", {"out/copy", "never there"});
  seen.push_back(error_of([&] { (void)s3.read_key("out/copy", "hooked"); }));
  seen.push_back(error_of([&] { (void)s3.read_key("no url"); }));
  seen.push_back(error_of([&] { (void)s3.list_keys("nowhere"); }));
  seen.push_back(error_of([&] { s3.delete_bucket("hooked"); }));
  return seen;
}

// Larger than a message, and than what a part has.
Array s3_large(const Context& context) {
  const S3Hook s3(context, "lake");
  s3.create_bucket("large");
  Array seen;
  for (const std::size_t size : {0UL, 1UL << 20U, (1UL << 20U) + 1, 20'000'003UL}) {
    const std::string key = std::to_string(size), bytes = bytes_of(size);
    s3.load_string(bytes, key, "large");
    seen.push_back(s3.read_key(key, "large") == bytes);
  }
  const std::string path = s3.download_file("20000003", "large");
  seen.push_back(path == context.run_dir() + "/20000003" && content_of(path) == bytes_of(20'000'003));
  s3.load_file("20000003", "s3://large/again");
  seen.push_back(s3.head_object("again", "large")->size);
  seen.push_back(error_of([&] { s3.load_file("/none", "x", "large"); }));
  return seen;
}

Array s3_presigned(const Context& context) {
  const S3Hook s3(context, "lake");
  s3.create_bucket("signed");
  s3.load_string("by its url", "a", "signed");
  const std::string url = s3.generate_presigned_url("get_object", "a", "signed", {.expires_in = 60});
  return {url, HttpHook(context, "by_url").get(url.substr(url.find("/signed/"))).text,
          error_of([&] { (void)s3.generate_presigned_url("list", "a", "signed"); })};
}

void s3_upload_forever(const Context& context) {
  const std::string path = context.run_dir() + "/much";
  { std::ofstream(path) << bytes_of(30'000'000); }
  S3Hook(context, "slow").load_file(path, "slow", "parts", {.replace = true});
}

Array gcs(const Context& context) {
  const GCSHook gcs(context);
  Array seen;
  seen.push_back(gcs.create_bucket("hooked"));
  for (const char* name : {"in/a.csv", "in/b.csv", "in/2026/c.csv", "top +%ü"})
    gcs.upload("hooked", name, "x,1\n", {.mime_type = "text/csv"});
  seen.push_back(list_of(gcs.list("hooked")));
  seen.push_back(list_of(gcs.list("hooked", {.prefix = "in/", .delimiter = "/"})));
  seen.push_back(list_of(gcs.list("hooked", {.prefix = "in/", .max_results = 2})));
  seen.push_back(gcs.exists("hooked", "in/a.csv") && !gcs.exists("hooked", "none"));
  seen.push_back(gcs.get_size("hooked", "in/a.csv"));
  seen.push_back(gcs.get_crc32c("hooked", "in/a.csv"));
  const Time updated = gcs.get_blob_update_time("hooked", "in/a.csv");
  seen.push_back(gcs.is_updated_after("hooked", "in/a.csv", updated - std::chrono::seconds(1)) &&
                 !gcs.is_updated_after("hooked", "in/a.csv", updated) && !gcs.is_updated_after("hooked", "none", Time()) &&
                 gcs.is_updated_between("hooked", "in/a.csv", updated, updated + std::chrono::seconds(1)) &&
                 !gcs.is_older_than("hooked", "in/a.csv", std::chrono::hours(1)));
  seen.push_back(gcs.list_by_timespan("hooked", updated, updated + std::chrono::hours(1)).size() == 4 &&
                 gcs.list_by_timespan("hooked", Time(), updated - std::chrono::hours(1)).empty());
  gcs.upload("hooked", "in/a.csv", "new");
  seen.push_back(gcs.download("hooked", "in/a.csv"));
  gcs.copy("hooked", "in/a.csv", {}, "out/copy");
  seen.push_back(gcs.download("hooked", "out/copy"));
  seen.push_back(gcs.delete_object("hooked", "out/copy") && !gcs.delete_object("hooked", "out/copy"));
  for (const std::size_t size : {0UL, 1UL << 20U, 20'000'003UL}) {
    const std::string name = std::to_string(size), bytes = bytes_of(size);
    gcs.upload("hooked", name, bytes);
    seen.push_back(gcs.download("hooked", name) == bytes);
  }
  const std::string path = gcs.download_file("hooked", "20000003", "mine/file");
  seen.push_back(path == context.run_dir() + "/mine/file" && content_of(path) == bytes_of(20'000'003));
  gcs.upload_file("hooked", "again", "mine/file");
  seen.push_back(gcs.get_size("hooked", "again"));
  seen.push_back(error_of([&] { (void)gcs.download("hooked", "none"); }));
  seen.push_back(error_of([&] { (void)gcs.get_size("hooked", "none"); }));
  seen.push_back(error_of([&] { gcs.copy("hooked", "a", {}, "a"); }));
  gcs.delete_bucket("hooked", true);
  seen.push_back(error_of([&] { (void)gcs.list("hooked"); }));
  return seen;
}

}  // namespace

VENTURI_DAG(d, {}) {
  dag.task<s3>();
  dag.task<s3_large>();
  dag.task<s3_presigned>();
  dag.task<s3_upload_forever>();
  dag.task<gcs>();
}
