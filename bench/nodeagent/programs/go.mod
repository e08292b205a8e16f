module spanhook.dev/bench

go 1.25
