// Mapped tasks: over what a task gave, over constants, side by side, over what instances gave; and all of it together again.
#include <venturi/dag.h>
#include <venturi/lazy_xcoms.h>
using namespace venturi;

std::vector<std::string> list_files(const Context& context) {
  std::vector<std::string> files;
  for (std::int64_t i = 0; i < context.params().get_int("files"); ++i) files.push_back("file_" + std::to_string(i));
  return files;
}
std::int64_t measure(const Context& context, const std::string& file, std::int64_t factor) {
  if (context.params().get_string("fails") == file && context.try_number() == 1)
    throw std::runtime_error(file + " is not there yet");
  context.log().info("measuring ", file, " as ", context.map_index());
  return factor * static_cast<std::int64_t>(file.size());
}
std::int64_t total(const std::vector<std::int64_t>& sizes) {
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) sum += size;
  return sum;
}
// Twice over: from its beginning, and by place.
std::int64_t lazy_total(const LazyXComSequence<std::int64_t>& sizes) {
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) sum += size;
  for (std::size_t i = sizes.size(); i > 0; i -= 1 + i / 2) sum -= sizes[i - 1];
  return sum;
}
std::string pair(const std::string& file, std::int64_t size) {
  return file + "=" + std::to_string(size);
}
std::string place(const std::string& region, int copy) {
  return region + std::to_string(copy);
}
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

VENTURI_DAG(e2e_mapped, {.is_paused_upon_creation = false,
                         .default_args = {.retries = 1, .retry_delay = std::chrono::seconds(0)},
                         .params = {{"files", 3}, {"fails", ""}, {"whatever", Array{1}}}}) {
  auto files = dag.task<list_files>();
  auto sizes = dag.task<measure>()(expand(files), 10);
  dag.task<total>()(sizes);
  dag.task<lazy_total>()(sizes);
  auto [file, size] = zip(files, sizes);
  dag.task<joined>("pairs")(dag.task<pair>()(file, size));
  auto whatever =
      dag.task("whatever", [](const Context& context) { return context.params().as_object().at("whatever"); }, {.retries = 0});
  dag.task("each", [](const Value&) {})(expand(whatever));
  dag.task<joined>("places")(dag.task<place>()(expand({"eu", "us"}), expand({1, 2, 3})));
}
