// SystemServices
