module example.org/shop/stock

go 1.23
