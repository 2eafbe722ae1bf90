// `.cpp` files of the DAGs folder, with the real compilers.
#include "lanes/testing/processor_fixture.h"

namespace venturi::lanes {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SourceTest : public ProcessorTest, public testing::WithParamInterface<const char*> {
 protected:
  SourceTest() { options.cpp.compile.compiler = GetParam(); }
  void put_source(const std::string& relative, const std::string& dag_id, const std::string& more = {}) const {
    write_text(in_dags(relative), "#include <venturi/fake_sdk.h>\n" + more +
                                      "int main() { return venturi::fake::describe({{\"" + dag_id + "\"}}); }\n");
  }
  void count_compilations() {
    const std::string wrapper = folder.path + "/bin/" + GetParam(), real = std::string("/usr/bin/") + GetParam();
    write_text(wrapper,
               "#!/bin/sh\n[ \"$1\" = --version ] || echo called >> " + folder.path + "/called\nexec " + real + " \"$@\"\n");
    ::chmod(wrapper.c_str(), 0755);
    options.cpp.compile.compiler = wrapper;
  }
  [[nodiscard]] int compilations() const {
    std::ifstream file(folder.path + "/called");
    int lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    return lines;
  }
};

TEST_P(SourceTest, IsCompiledAndDescribed) {
  put_source("team/orders.cpp", "orders");
  start_and_scan();
  ASSERT_THAT(errors, IsEmpty());
  ASSERT_TRUE(dags.contains("orders"));
  EXPECT_EQ(dags["orders"]->relative_fileloc, "team/orders.cpp");
  EXPECT_EQ(dags["orders"]->fileloc, in_dags("team/orders.cpp"));
  EXPECT_TRUE(dags["orders"]->program.ends_with("/orders"));
  EXPECT_EQ(::access(dags["orders"]->program.c_str(), X_OK), 0);
  EXPECT_TRUE(std::filesystem::is_empty(options.cache + "/tmp/" + std::to_string(::getpid())));
}

TEST_P(SourceTest, IsCompiledOnceAndPrecompiledHeaderToo) {
  count_compilations();
  put_source("a.cpp", "a");
  put_source("b.cpp", "b");
  run_for(std::chrono::milliseconds(50));
  start_and_scan();
  ASSERT_THAT(errors, IsEmpty());
  EXPECT_EQ(compilations(), 3);  // the header, and one each
  const std::string version = dags["a"]->version_id;

  forget_told();
  start_and_scan();
  EXPECT_EQ(compilations(), 3);
  EXPECT_EQ(dags["a"]->version_id, version);

  // Without any index the contents decide.
  stop();
  std::filesystem::remove(options.cache + "/files.json");
  forget_told();
  start_and_scan();
  EXPECT_EQ(compilations(), 3);

  // Flags are part of it; the header is made again for them.
  options.cpp.compile.flags = {"-DX=1"};
  start_and_scan();
  EXPECT_EQ(compilations(), 6);
}

TEST_P(SourceTest, ErrorsBecomeImportErrorsWhileTheLastGoodProgramServesOn) {
  put_source("sub/a.cpp", "a");
  start_and_scan();
  const std::string program = dags["a"]->program;
  put_source("sub/a.cpp", "a", "int broken = no_such_thing;\n");
  wait_for_error("sub/a.cpp");
  EXPECT_THAT(errors["sub/a.cpp"], HasSubstr("does not compile"));
  EXPECT_THAT(errors["sub/a.cpp"], HasSubstr("sub/a.cpp:2:"));
  EXPECT_THAT(errors["sub/a.cpp"], HasSubstr("no_such_thing"));
  EXPECT_THAT(errors["sub/a.cpp"], Not(HasSubstr(folder.path)));
  EXPECT_EQ(dags["a"]->program, program);

  forget_told();
  start_and_scan();
  EXPECT_TRUE(errors.contains("sub/a.cpp"));
  ASSERT_TRUE(dags.contains("a"));
  EXPECT_EQ(dags["a"]->program, program);

  put_source("sub/a.cpp", "a2");
  run_until([&] { return errors.empty(); }, "it compiled again");
  EXPECT_TRUE(dags.contains("a2"));
  EXPECT_FALSE(dags.contains("a"));
}

TEST_P(SourceTest, AChangedHeaderCompilesAgain) {
  write_text(in_dags("common/name.h"), "#pragma once\n#define NAME \"first\"\n");
  write_text(
      in_dags("a.cpp"),
      "#include <venturi/fake_sdk.h>\n#include \"common/name.h\"\nint main() { return venturi::fake::describe({{NAME}}); }\n");
  start_and_scan();
  ASSERT_TRUE(dags.contains("first"));
  write_text(in_dags("common/name.h"), "#pragma once\n#define NAME \"second\"\n");
  wait_for_dag("second");
  run_until([&] { return !dags.contains("first"); }, "the old DAG was gone");

  // While the server is away.
  stop();
  write_text(in_dags("common/name.h"), "#pragma once\n#define NAME \"third\"\n");
  forget_told();
  start_and_scan();
  EXPECT_TRUE(dags.contains("third"));

  // And it mends what it broke.
  write_text(in_dags("common/name.h"), "#pragma once\n#error not now\n");
  wait_for_error("a.cpp");
  EXPECT_THAT(errors["a.cpp"], HasSubstr("common/name.h:2"));
  write_text(in_dags("common/name.h"), "#pragma once\n#define NAME \"fourth\"\n");
  wait_for_dag("fourth");
  run_until([&] { return errors.empty(); }, "the error was gone");
}

TEST_P(SourceTest, AHeaderOutsideOfTheFolderIsSeenByTheRescan) {
  write_text(folder.path + "/outside/name.h", "#define NAME \"first\"\n");
  write_text(in_dags("a.cpp"), "#include <venturi/fake_sdk.h>\n#include \"" + folder.path +
                                   "/outside/name.h\"\nint main() { return venturi::fake::describe({{NAME}}); }\n");
  start_and_scan();
  ASSERT_TRUE(dags.contains("first"));
  write_text(folder.path + "/outside/name.h", "#define NAME \"second\"\n");
  processor->rescan();
  wait_for_dag("second");
}

TEST_P(SourceTest, CompilersRunUnderLimits) {
  // Both compilers would count for minutes here.
  const std::string endless =
      "#include <venturi/fake_sdk.h>\n"
      "constexpr unsigned long f(unsigned long n) { unsigned long s = 0; for (unsigned long i = 0; i < n; ++i) s += i * s + 1; "
      "return s; }\nstatic_assert(f(4000000000) != 1);\nint main() {}\n";
  put_source("good.cpp", "good");
  start_and_scan();
  stop();
  write_text(in_dags("slow.cpp"), endless);
  options.cpp.compile.flags = std::string(GetParam()) == "g++" ? std::vector<std::string>{"-fconstexpr-ops-limit=99999999999",
                                                                                          "-fconstexpr-loop-limit=2147483647"}
                                                               : std::vector<std::string>{"-fconstexpr-steps=4294967295"};
  options.cpp.compile.timeout = std::chrono::seconds(3);
  start_and_scan();
  EXPECT_THAT(errors["slow.cpp"], HasSubstr("took more than 3 s"));
  EXPECT_TRUE(dags.contains("good")) << "it was compiled before, or serves on";

  stop();
  options.cpp.compile.memory_bytes = 40UL << 20;
  options.cpp.compile.flags.clear();
  put_source("small.cpp", "small");
  forget_told();
  start_and_scan();
  EXPECT_THAT(errors["small.cpp"], HasSubstr("compile"));
  EXPECT_FALSE(dags.contains("small"));
}

TEST_P(SourceTest, LinkErrorsAreTold) {
  write_text(in_dags("a.cpp"), "#include <venturi/fake_sdk.h>\nvoid missing_function();\nint main() { missing_function(); }\n");
  start_and_scan();
  EXPECT_THAT(errors["a.cpp"], HasSubstr("missing_function"));
}

INSTANTIATE_TEST_SUITE_P(Compilers, SourceTest, testing::Values("clang++-19", "g++"),
                         [](const auto& compiler) { return compiler.param[0] == 'g' ? "gcc" : "clang"; });

class ToolchainTest : public ProcessorTest {};

TEST_F(ToolchainTest, AMissingCompilerIsToldWithWhatToInstall) {
  options.cpp.compile.compiler = "no-such-compiler";
  write_text(in_dags("a.cpp"), "#include <venturi/fake_sdk.h>\nint main() {}\n");
  start_and_scan();
  EXPECT_THAT(errors["a.cpp"], HasSubstr("no C++ compiler"));
  EXPECT_THAT(errors["a.cpp"], HasSubstr("no-such-compiler"));
  EXPECT_THAT(errors["a.cpp"], HasSubstr("apt-get install"));
}

TEST_F(ToolchainTest, AMissingSdkIsTold) {
  options.cpp.compile.sdk.archive = folder.path + "/nowhere.a";
  write_text(in_dags("a.cpp"), "#include <venturi/fake_sdk.h>\nint main() {}\n");
  start_and_scan();
  EXPECT_THAT(errors["a.cpp"], HasSubstr(folder.path + "/nowhere.a"));
}

TEST_F(ToolchainTest, AFileThatChangesWhileItIsCompiledEndsAsItIsLast) {
  options.cpp.compile.compiler = "clang++-19";
  for (int i = 0; i <= 5; ++i) {
    write_text(in_dags("a.cpp"), "#include <venturi/fake_sdk.h>\nint main() { return venturi::fake::describe({{\"v" +
                                     std::to_string(i) + "\"}}); }\n");
    if (i == 0)
      start();
    else
      run_for(std::chrono::milliseconds(60));
  }
  wait_for_dag("v5");
  run_until([&] { return dags.size() == 1; }, "only the last was left");
}

}  // namespace
}  // namespace venturi::lanes
