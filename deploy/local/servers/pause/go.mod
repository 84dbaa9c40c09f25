module slipway.local/servers/pause

go 1.26.0
