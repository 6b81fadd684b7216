#include "catalog/dependents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/server.h"

namespace segue::catalog {
namespace {

constexpr const char* kHouse = R"(
  CREATE DOMAIN amount AS numeric CHECK (VALUE >= 0);
  CREATE FUNCTION vat(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT n * 0.2';
  CREATE TABLE customers (id int PRIMARY KEY);
  CREATE TABLE orders (id serial PRIMARY KEY, customer int REFERENCES customers, total amount, note text,
    tax numeric GENERATED ALWAYS AS (vat(total)) STORED, CONSTRAINT positive CHECK (total > 0));
  CREATE INDEX by_total ON orders (total);
  CREATE POLICY small ON orders USING (total < 10);
  CREATE VIEW v AS SELECT id, total FROM orders;
  CREATE VIEW vv AS SELECT id FROM v;
  CREATE VIEW w AS SELECT o AS whole FROM orders o;
  CREATE VIEW other AS SELECT note FROM orders;
  CREATE MATERIALIZED VIEW m AS SELECT sum(total) AS s FROM orders;
  CREATE STATISTICS st ON total, note FROM orders;
  CREATE PUBLICATION everything FOR ALL TABLES;
  CREATE PUBLICATION chosen FOR TABLE orders;
  CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total := vat(NEW.total); RETURN NEW; END $$;
  CREATE TRIGGER g BEFORE UPDATE OF total ON orders FOR EACH ROW EXECUTE FUNCTION tf();
  CREATE FUNCTION reads() RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT sum(o.total) FROM orders o); END $$;
  CREATE FUNCTION notes() RETURNS SETOF text LANGUAGE sql AS 'SELECT note FROM public.orders';
  CREATE FUNCTION unrelated() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION builds(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE 'DELETE FROM ' || t; END $$;
)";

std::vector<std::string> listed(const Result<std::vector<Dependent>>& found) {
  if (!found) throw std::runtime_error(to_text(found.error()));
  std::vector<std::string> lines;
  for (const auto& one : *found) lines.push_back(one.kind + " " + one.name + ": " + name_of(one.how));
  return lines;
}

class Dependents : public ::testing::Test {
 protected:
  Dependents() : connection_(database_.connect()) { database_.run(kHouse); }
  testing::Database database_;
  pg::Connection connection_;
};

TEST_F(Dependents, OfAColumn) {
  EXPECT_THAT(
      listed(dependents_of_column(connection_, "public.orders", "total")),
      ::testing::ElementsAre("column public.orders.tax: recorded", "constraint positive on public.orders: recorded",
                             "function public.builds(text): opaque", "function public.reads(): text",
                             "function public.tf(): text", "index public.by_total: recorded",
                             "materialized view public.m: recorded", "policy small on public.orders: recorded",
                             "statistics public.st: recorded", "trigger g on public.orders: recorded",
                             "view public.v: recorded", "view public.vv: recorded", "view public.w: text"));
}

TEST_F(Dependents, OfATable) {
  const auto found = listed(dependents_of_table(connection_, "orders"));
  for (const char* one :
       {"function public.reads(): text", "function public.notes(): text", "function public.builds(text): opaque",
        "publication everything: recorded", "publication table public.orders on chosen: recorded",
        "view public.vv: recorded", "view public.w: recorded", "sequence public.orders_id_seq: recorded",
        "index public.by_total: recorded", "trigger g on public.orders: recorded",
        "constraint orders_customer_fkey on public.orders: recorded"}) {
    EXPECT_THAT(found, ::testing::Contains(one));
  }
  EXPECT_THAT(found, ::testing::Not(::testing::Contains(::testing::HasSubstr("unrelated"))));
}

TEST_F(Dependents, OfAReferencedTableItsForeignKeys) {
  EXPECT_THAT(listed(dependents_of_table(connection_, "customers")),
              ::testing::Contains("constraint orders_customer_fkey on public.orders: recorded"));
}

TEST_F(Dependents, OfAType) {
  const auto found = listed(dependents_of_type(connection_, "public.amount"));
  EXPECT_THAT(found, ::testing::Contains("column public.orders.total: recorded"));
  EXPECT_THAT(found, ::testing::Contains("constraint amount_check on domain public.amount: recorded"));
}

TEST_F(Dependents, OfAFunction) {
  const auto found = listed(dependents_of_function(connection_, "vat(numeric)"));
  EXPECT_THAT(found, ::testing::Contains("column public.orders.tax: recorded"));
  EXPECT_THAT(found, ::testing::Contains("function public.tf(): text"));
  EXPECT_THAT(found, ::testing::Not(::testing::Contains(::testing::HasSubstr("public.vat"))));
}

TEST_F(Dependents, WhatIsNotThereIsTheUsersError) {
  EXPECT_EQ(dependents_of_table(connection_, "nowhere").error().exit, Exit::usage);
  EXPECT_EQ(dependents_of_column(connection_, "orders", "nothing").error().exit, Exit::usage);
  EXPECT_EQ(dependents_of_type(connection_, "nothing").error().exit, Exit::usage);
  EXPECT_EQ(dependents_of_function(connection_, "nothing()").error().exit, Exit::usage);
}

}  // namespace
}  // namespace segue::catalog
