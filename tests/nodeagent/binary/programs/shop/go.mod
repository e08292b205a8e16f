module example.com/shop

go 1.19

require example.com/prices v1.2.3

replace example.com/prices v1.2.3 => ./prices
