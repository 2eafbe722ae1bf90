// Bytes per second by number of secrets: the rate may fall with the size of the automaton (caches), not with the number.
#include <benchmark/benchmark.h>

#include "base/masking.h"

namespace {

std::vector<std::string> secrets(std::int64_t count) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < count; ++i)
    all.push_back("S3cr-" + std::to_string(i * 2654435761 % 4294967296) + "/" + std::to_string(i));
  return all;
}

const std::string& log_text() {
  static const std::string text = [] {
    std::string s;
    for (int i = 0; s.size() < 1 << 20; ++i) {
      s += "[2026-11-24T04:43:57.123456Z] {order_quality.cpp:" + std::to_string(i % 900) + "} INFO - Read " +
           std::to_string(i * 37) + " orders from SOURCE Some-Host, S3cr is not yet all\n";
    }
    return s;
  }();
  return text;
}

void scan(benchmark::State& state) {
  const venturi::Masker masker(secrets(state.range(0)));
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(masker.scan(log_text(), false));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * log_text().size()));
}
BENCHMARK(scan)->ArgName("secrets")->Arg(0)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);

// The worst text: it begins secrets all the time, and failing means going back.
void scan_worst(benchmark::State& state) {
  std::string secret(static_cast<std::size_t>(state.range(0)), 'a');
  const venturi::Masker masker(std::vector<std::string>{secret + "b"});
  std::string text;
  while (text.size() < 1 << 20) text += secret + "c";
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(masker.scan(text, false));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(scan_worst)->ArgName("length")->Arg(8)->Arg(64)->Arg(1024);

void build(benchmark::State& state) {
  const auto all = secrets(state.range(0));
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(venturi::Masker(all));
}
BENCHMARK(build)->ArgName("secrets")->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace

BENCHMARK_MAIN();
