module dcloud.local/images/whoami

go 1.26
