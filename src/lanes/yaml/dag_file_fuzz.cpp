// libFuzzer: no file crashes the lane, and each file gives DAGs or problems.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "lanes/yaml/dag_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static venturi::lanes::yaml::Calendar calendar;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = venturi::lanes::yaml::read_dag_file(text, {"/dags/f.yaml", "f.yaml", "/dags"}, calendar);
  if (file.problems.empty() && file.dag_ids.empty()) {
    std::fprintf(stderr, "neither DAGs nor problems\n");
    std::abort();
  }
  return 0;
}
