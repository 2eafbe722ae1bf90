// Mapped tasks (Airflow's expand): an instance for each item of a list that is known only while the run goes on.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
std::vector<std::string> list_files() { return {"a.csv", "b.csv", "long.csv"}; }
std::int64_t measure(const std::string& file, const std::string& unit) {
  return static_cast<std::int64_t>(file.size() + unit.size());
}
std::int64_t total(const std::vector<std::int64_t>& sizes) {
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) sum += size;
  return sum;
}
std::string pack(const std::string& file, std::int64_t size) { return file + ": " + std::to_string(size); }
void load(const Context& context, const std::string& file, const std::string& region) {
  context.log().info("instance ", context.map_index(), ": ", file, " to ", region);
}

VENTURI_DAG(mapping) {
  auto files = dag.task<list_files>();
  auto sizes = dag.task<measure>()(expand(files), "bytes");  // what is not expanded is Airflow's partial
  dag.task<total>()(sizes);                                  // all results, in order
  dag.task<load>()(expand(files), expand({"eu", "us"}));     // each with each: six instances
  auto [file, size] = zip(files, sizes);                     // side by side
  dag.task<pack>()(file, size);
}
// [end]
