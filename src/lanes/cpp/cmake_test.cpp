// Folders that are CMake projects, with the real CMake.
#include "lanes/cache_file.h"
#include "lanes/testing/processor_fixture.h"

namespace venturi::lanes {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string head =
    "cmake_minimum_required(VERSION 3.25)\nproject(shop LANGUAGES CXX)\nfind_package(venturi 0.1 REQUIRED)\n";

class CmakeTest : public ProcessorTest {
 protected:
  CmakeTest() { options.cpp.compile.compiler = "clang++-19"; }
  void put(const std::string& relative, const std::string& text) const { write_text(in_dags(relative), text); }
  void put_shop(const std::string& dag_id,
                const std::string& lists = head + "venturi_add_dag(shop main.cpp src/name.cpp)\n") const {
    put("shop/src/name.cpp", "#include \"../../common/prefix.h\"\nconst char* name() { return PREFIX \"" + dag_id + "\"; }\n");
    put("common/prefix.h", "#define PREFIX \"\"\n");
    put("shop/main.cpp",
        "#include <venturi/fake_sdk.h>\nconst char* name();\nint main() { return venturi::fake::describe({{name()}}); }\n");
    put("shop/CMakeLists.txt", lists);
  }
  std::string error_of(const std::string& lists, const std::string& part) {
    put("shop/CMakeLists.txt", lists);
    run_until(
        [&] { return errors.contains("shop/CMakeLists.txt") && errors["shop/CMakeLists.txt"].find(part) != std::string::npos; },
        "the error told: " + part);
    return errors["shop/CMakeLists.txt"];
  }
};

TEST_F(CmakeTest, IsBuiltInTheCacheAndAgainWhenAnyOfItChanges) {
  put_shop("first");
  start_and_scan();
  ASSERT_THAT(errors, IsEmpty());
  ASSERT_TRUE(dags.contains("first"));
  EXPECT_EQ(dags["first"]->relative_fileloc, "shop/CMakeLists.txt");
  EXPECT_TRUE(dags["first"]->program.ends_with("/shop"));
  EXPECT_FALSE(std::filesystem::exists(in_dags("shop/CMakeCache.txt")));
  const std::string version = dags["first"]->version_id;

  forget_told();
  start_and_scan();
  EXPECT_EQ(dags["first"]->version_id, version);
  // A header beside the project.
  put("common/prefix.h", "#define PREFIX \"very_\"\n");
  wait_for_dag("very_first");
  // What its author builds there is none of its sources.
  put("shop/build/CMakeCache.txt", "");
  put_program("shop/build/shop", "dag=built_by_hand");
  put("shop/src/name.cpp", "const char* name() { return \"second\"; }\n");
  wait_for_dag("second");
  EXPECT_FALSE(dags.contains("built_by_hand"));
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(CmakeTest, ErrorsHaveFileAndLine) {
  put_shop("shop");
  start_and_scan();
  ASSERT_TRUE(dags.contains("shop"));
  EXPECT_THAT(error_of(head + "no_such_command()\n", "no_such_command"),
              AllOf(StartsWith("CMake cannot configure it (cmake):\nCMake Error at shop/CMakeLists.txt:4 (no_such_command)"),
                    Not(HasSubstr(folder.path))));
  EXPECT_EQ(
      error_of(head + "add_executable(shop main.cpp src/name.cpp)\n", "makes no"),
      "shop/CMakeLists.txt: the project makes no DAG program (write find_package(venturi REQUIRED) and venturi_add_dag(NAME "
      "source.cpp ...))");
  EXPECT_EQ(error_of(head + "venturi_add_dag(a main.cpp)\nventuri_add_dag(b main.cpp)\n", "makes several"),
            "shop/CMakeLists.txt: the project makes several DAG programs, a, b, and a folder is one (give all sources to one "
            "venturi_add_dag(), or each program a folder of its own)");
  put("shop/src/name.cpp", "const char* name() { return no_such_thing; }\n");
  EXPECT_THAT(error_of(head + "venturi_add_dag(shop main.cpp src/name.cpp)\n", "no_such_thing"),
              AllOf(StartsWith("it does not build (cmake):\nshop/src/name.cpp:1:"), Not(HasSubstr("make["))));
  EXPECT_TRUE(dags.contains("shop"));
  put("shop/src/name.cpp", "const char* name() { return \"mended\"; }\n");
  wait_for_dag("mended");
  run_until([&] { return errors.empty(); }, "the error was gone");
}

TEST_F(CmakeTest, WhatAKilledCMakeLeftIsMadeAnew) {
  put_shop("first");
  start_and_scan();
  stop();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options.cache + "/cmake")) {
    if (entry.path().filename() == "CMakeCache.txt") write_text(entry.path().string(), "half a ca");
  }
  put_shop("second");
  start_and_scan();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_TRUE(dags.contains("second"));
}

TEST_F(CmakeTest, TwoProcessesOnOneCacheTakeTurns) {
  put_shop("shop");
  std::filesystem::create_directories(options.cache + "/cmake");
  start_and_scan();
  ASSERT_TRUE(dags.contains("shop"));
  std::string place;
  for (const auto& entry : std::filesystem::directory_iterator(options.cache + "/cmake")) {
    if (std::filesystem::exists(entry.path() / "lock")) place = entry.path().string();
  }
  auto lock = lock_file(place + "/lock");
  ASSERT_TRUE(lock);
  put("shop/src/name.cpp", "const char* name() { return \"second\"; }\n");
  run_for(std::chrono::milliseconds(300));
  EXPECT_FALSE(dags.contains("second"));
  EXPECT_THAT(errors, IsEmpty());
  lock->reset();
  wait_for_dag("second");
}

TEST_F(CmakeTest, AProjectOfSomebodyElseIsNone) {
  put("other/CMakeLists.txt", "project(other)\n");
  put("other/a.cpp", "#include <venturi/fake_sdk.h>\nint main() { return venturi::fake::describe({{\"a\"}}); }\n");
  put("CMakeLists.txt", "# for an editor, with venturi\n");
  start_and_scan();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(processor->dag_ids(), std::vector<std::string>{"a"});
}

TEST_F(CmakeTest, CompilersRunUnderLimits) {
  put_shop("shop", head +
                       "venturi_add_dag(shop main.cpp src/name.cpp)\ntarget_compile_options(shop PRIVATE "
                       "-fconstexpr-steps=4294967295)\n");
  put("shop/src/name.cpp",
      "constexpr unsigned long f(unsigned long n) { unsigned long s = 0; for (unsigned long i = 0; i < n; ++i) s += i * s + 1; "
      "return s; }\nstatic_assert(f(4000000000) != 1);\nconst char* name() { return \"\"; }\n");
  options.cpp.compile.timeout = std::chrono::seconds(3);
  start_and_scan();
  EXPECT_THAT(errors["shop/CMakeLists.txt"], HasSubstr("it does not build")) << "a compiler that took its time was ended";
}

}  // namespace
}  // namespace venturi::lanes
