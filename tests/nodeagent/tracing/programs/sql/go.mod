module spanhook.test/sql

go 1.19
