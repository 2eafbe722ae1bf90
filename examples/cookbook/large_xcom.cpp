// A large result goes from task to task like any other: what does not fit into the database is kept in a file of the
// home, and nothing in the DAG says so. Rows belong into a file of the run instead, which is streamed.
#include <venturi/dag.h>

using namespace venturi;

// Some megabytes: names of objects in a bucket, as a listing would give them.
std::vector<std::string> list_objects() {
  std::vector<std::string> names;
  for (int i = 0; i < 40'000; ++i)
    names.push_back("shop/orders/2026/11/28/part-" + std::to_string(100'000 + i) + ".csv");
  return names;
}

std::vector<std::vector<std::string>> in_parts(const std::vector<std::string>& names) {
  constexpr std::size_t parts = 4;
  std::vector<std::vector<std::string>> split(parts);
  for (std::size_t i = 0; i < names.size(); ++i) split[i % parts].push_back(names[i]);
  return split;
}

std::int64_t count(const std::vector<std::string>& names) { return static_cast<std::int64_t>(names.size()); }

std::int64_t total(const std::vector<std::int64_t>& counts) {
  std::int64_t sum = 0;
  for (const std::int64_t n : counts) sum += n;
  if (sum != 40'000) fail_task("objects are missing");
  return sum;
}

VENTURI_DAG(large_xcom, {.tags = {"cookbook"}}) {
  auto parts = dag.task<in_parts>()(dag.task<list_objects>());  // one large value, cut into four that are large, too
  dag.task<total>()(dag.task<count>()(expand(parts)));          // each instance is given its own part only
}
