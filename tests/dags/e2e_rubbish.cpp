// A DAG program that writes something of its own where its answer is read.
#include <venturi/dag.h>

#include <unistd.h>

#include <stdexcept>
#include <string_view>

VENTURI_DAG(rubbish, {}) {
  constexpr std::string_view text = "loading the configuration, please wait ...\n";
  if (::write(0, text.data(), text.size()) < 0) throw std::runtime_error("nobody reads");
}
